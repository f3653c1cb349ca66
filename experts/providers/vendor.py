"""A vendor's refusals, in words that say what to do."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from django.conf import settings

from experts.providers.base import PausedError, ProviderError

TRANSIENT = {408, 409, 425, 429}
PAUSE = 5.0  # seconds, where a vendor asks for fewer requests and not for how long
SHORTEST_PAUSE = 0.5  # where it says "at once" to all who wait


class SilenceError(ProviderError):
    """No answer came in time: worth another try, though not while somebody waits."""


@dataclass(frozen=True)
class Limit:
    """What a vendor takes in a minute, as we keep to it; None is as much as it likes."""

    requests: int | None = None
    tokens: int | None = None

    def seconds(self, *, requests: int, tokens: int) -> float:
        """How long the limit needs to make up for a call: the larger of its two shares."""
        shares = [(requests, self.requests), (tokens, self.tokens)]
        return max(60 * taken / limit if limit else 0.0 for taken, limit in shares)


@dataclass(frozen=True)
class Vendor:
    """A vendor as messages name it, the variable that holds its key, and its rate limit.

    Vendors count each `service` by itself: OpenAI each model, Pinecone reads and writes. So a
    pause of embeddings leaves answers alone, and background work that writes leaves searches.
    """

    name: str
    key: str
    limit: Limit = Limit()
    service: str = ""

    def __str__(self) -> str:
        """The name at the beginning of a sentence."""
        return self.name[0].upper() + self.name[1:]

    @property
    def bucket(self) -> str:
        """Where all processes together keep its limit and its pauses."""
        return bucket_of(self.name, self.service)

    def secret(self) -> str:
        """The key. Raises ProviderError where none is set."""
        if secret := getattr(settings.ENVIRONMENT, self.key.lower()):
            return str(secret)
        raise ProviderError(f"{self} is chosen, but {self.key} is not set.", permanent=True)

    def refused(
        self, status: int, *, said: str = "", headers: Mapping[str, str] | None = None
    ) -> ProviderError:
        """The error for an HTTP status; `said` is the vendor's own explanation."""
        pause = seconds_to_wait(headers or {})
        if status == 429 or (status == 503 and pause is not None):
            return PausedError(self.name, PAUSE if pause is None else max(pause, SHORTEST_PAUSE))
        return ProviderError(
            self._reason(status, as_sentence(scrubbed(said))),
            permanent=status < 500 and status not in TRANSIENT,
            retry_after=pause,
        )

    def unreachable(self) -> ProviderError:
        return ProviderError(
            f"The connection to {self.name} failed. Is its address right, the network up?"
        )

    def silent(self, seconds: float) -> ProviderError:
        return SilenceError(f"{self} did not answer within {seconds:g} s.")

    def garbled(self) -> ProviderError:
        return ProviderError(f"{self} sent an answer that cannot be understood.")

    def _reason(self, status: int, said: str) -> str:
        reasons = {
            401: f"{self} rejected the key. Check {self.key}.",  # what is said may repeat it
            402: f"{self} asks for payment. Settle the account's billing.",
            403: f"{self} does not allow this to the key in {self.key}: check its"
            f" permissions and the account's quota. {said}",
            404: f"{self} does not know what was asked for. {said}",
        }
        verb = "has trouble of its own" if status >= 500 else "refused the request"
        return reasons.get(status, f"{self} {verb} (HTTP {status}). {said}").strip()


def bucket_of(name: str, service: str) -> str:
    return f"{name}: {service}" if service else name


def openai_name() -> str:
    """OpenAI, or the compatible server that takes its place."""
    host = own_server()
    return f"the server at {host}" if host else "OpenAI"


def own_server() -> str:
    """The host of a compatible server; "" for OpenAI itself, also at one of its other addresses."""
    host = urlsplit(settings.ENVIRONMENT.openai_base_url).hostname or ""
    return "" if host == "openai.com" or host.endswith(".openai.com") else host


def scrubbed(text: str, *, limit: int = 300) -> str:
    """A vendor's words, shortened, without any secret of ours that they repeat."""
    for secret in settings.ENVIRONMENT.secrets:
        text = text.replace(secret, "***")
    return text[:limit]


def as_sentence(text: str) -> str:
    """With a full stop, so that what is said next begins anew."""
    text = text.strip()
    return f"{text}." if text and text[-1] not in ".!?…。" else text


def seconds_to_wait(headers: Mapping[str, str]) -> float | None:
    """The pause that Retry-After asks for, in seconds: a number or an HTTP date (RFC 9110)."""
    asked = {name.lower(): value for name, value in headers.items()}.get("retry-after", "").strip()
    if re.fullmatch(r"\d+(\.\d+)?", asked):
        return float(asked)
    try:
        date = parsedate_to_datetime(asked)
    except ValueError:
        return None
    if date.tzinfo is None:  # "-0000": UTC, of an unknown place
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())
