"""The secret by which a voice agent shows that it may search an expert's files."""

from uuid import UUID

from django.utils.crypto import constant_time_compare, salted_hmac

HEADER = "X-Expert-Secret"
SALT = "experts.voice_secret"


def voice_secret(expert_id: UUID) -> str:
    """64 hexadecimal digits, derived from SECRET_KEY: there is nothing to keep, nor to leak."""
    return salted_hmac(SALT, str(expert_id), algorithm="sha256").hexdigest()


def opens(secret: str, expert_id: UUID) -> bool:
    """Whether the secret is this expert's, in the same time whatever it is."""
    return constant_time_compare(secret, voice_secret(expert_id))
