"""The client of OpenAI or of a compatible server, and its errors in our words."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    OpenAI,
    Timeout,
)

from experts.providers.base import PausedError, ProviderError
from experts.providers.vendor import Limit, Vendor, openai_name, scrubbed


class TooLongError(ProviderError):
    """The request holds more text than the server takes."""


def connect() -> tuple[Vendor, OpenAI]:
    """The server and a client whose retries are ours: the SDK sleeps through two minutes.

    Raises ProviderError where a key is needed and none is set.
    """
    base_url = settings.ENVIRONMENT.openai_base_url
    vendor = Vendor(openai_name(), key="OPENAI_API_KEY", limit=limit())
    keyless = base_url and not settings.ENVIRONMENT.openai_api_key  # as local servers are
    client = OpenAI(
        api_key="none" if keyless else vendor.secret(), base_url=base_url or None, max_retries=0
    )
    return vendor, client


def limit() -> Limit:
    """As set; else what OpenAI grants a new account, and no limit for a server of one's own.

    https://platform.openai.com/docs/guides/rate-limits, tier 1: 500 requests a minute of
    gpt-4o-mini, 1,000,000 tokens a minute of text-embedding-3-small.
    """
    environment = settings.ENVIRONMENT
    requests, tokens = (None, None) if environment.openai_base_url else (500, 1_000_000)
    return Limit(
        environment.openai_requests_per_minute or requests,
        environment.openai_tokens_per_minute or tokens,
    )


def waiting(seconds: float) -> Timeout:
    """A timeout between any two signs of life."""
    return Timeout(seconds, connect=min(seconds, 5))


@contextmanager
def vendor_errors(vendor: Vendor, *, seconds: float) -> Iterator[None]:
    """Translate what the SDK raises. Its own errors quote requests, so none is chained."""
    try:
        yield
    except APITimeoutError:
        raise vendor.silent(seconds) from None
    except APIConnectionError:
        raise vendor.unreachable() from None
    except APIStatusError as error:
        raise refusal(vendor, error) from None
    except APIError as error:
        raise ProviderError(f"{vendor} broke off: {scrubbed(error.message)}") from None
    except ValueError:  # a body that is not JSON, or holds no embeddings, escapes undecorated
        raise vendor.garbled() from None


def refusal(vendor: Vendor, error: APIStatusError) -> ProviderError:
    if error.code == "insufficient_quota":
        return ProviderError(
            f"The account at {vendor.name} is out of credit. Add credit, then try again.",
            permanent=True,
        )
    if error.status_code in {400, 413, 422} and speaks_of_length(error.message):
        return TooLongError(f"{vendor} finds the request too long.", permanent=True)
    headers = error.response.headers
    limited = error.status_code == 429 and "retry-after" not in headers
    if limited and (pause := until_reset(headers)):
        return PausedError(vendor.name, pause)
    return vendor.refused(error.status_code, said=error.message, headers=dict(headers))


def speaks_of_length(message: str) -> bool:
    return bool(re.search(r"token|too (long|large)|context length|batch size", message, re.I))


def until_reset(headers: Mapping[str, str]) -> float | None:
    """Seconds until the budgets are full again, from headers like `6m0s`, `1.5s`, `20ms`."""
    units = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
    waits = [
        sum(float(number) * units[unit] for number, unit in parts)
        for kind in ("requests", "tokens")
        if (
            parts := re.findall(r"([\d.]+)(ms|h|m|s)", headers.get(f"x-ratelimit-reset-{kind}", ""))
        )
    ]
    return max(waits, default=None)
