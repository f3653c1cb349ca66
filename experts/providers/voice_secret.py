"""The secret by which a voice agent shows that it may search an expert's files."""

from uuid import UUID

from django.utils.crypto import salted_hmac

SALT = "experts.voice_secret"


def voice_secret(expert_id: UUID) -> str:
    """64 hexadecimal digits, derived from SECRET_KEY: there is nothing to keep, nor to leak."""
    return salted_hmac(SALT, str(expert_id), algorithm="sha256").hexdigest()
