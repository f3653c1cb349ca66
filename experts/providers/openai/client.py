"""The client of OpenAI or of a compatible server, and its errors in our words."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Literal
from weakref import finalize

from django.conf import settings
from openai import (
    APIConnectionError,
    APIError,
    APIStatusError,
    APITimeoutError,
    OpenAI,
    Timeout,
)

from experts.providers.base import ProviderError
from experts.providers.vendor import Limit, Vendor, openai_name, own_server, scrubbed

Service = Literal["embeddings", "answers"]

# Requests and tokens a minute that OpenAI grants an account of its first tier, by model:
# text-embedding-3-small and gpt-4o-mini in the table of its own limits page, as quoted at
# https://community.openai.com/t/1028595.
GRANTED: dict[Service, Limit] = {
    "embeddings": Limit(requests=3_000, tokens=1_000_000),
    "answers": Limit(requests=500, tokens=200_000),
}

# What compatible servers may not know, by the words with which they refuse it: Mistral's and
# Databricks' the usage of a stream (openai-agents-python#442), the templates of Gemma and of older
# Mistral models a system message (vllm#2964, autogen#1037).
LACKS = {
    "usage": r"stream_options|include_usage",
    "system": r"system role|role.{0,20}system|roles must alternate",
}


class TooLongError(ProviderError):
    """The request holds more text than the server takes."""


class TooManyError(TooLongError):
    """The request holds more texts than the server takes at once."""


class LacksError(ProviderError):
    """The server does not know something that can be left out: a key of `LACKS`."""

    def __init__(self, lacks: str, message: str) -> None:
        super().__init__(message, permanent=True)
        self.lacks = lacks


def connect(service: Service, owner: object) -> tuple[Vendor, OpenAI]:
    """The server and a client whose retries are ours: the SDK sleeps through two minutes.

    Its connections close with its owner. Raises ProviderError where a key that is needed is not
    set.
    """
    environment = settings.ENVIRONMENT
    base_url = environment.openai_base_url
    vendor = Vendor(openai_name(), "OPENAI_API_KEY", limit=limit(service), service=service)
    keyless = own_server() and not environment.openai_api_key  # as local servers are
    client = OpenAI(
        api_key="none" if keyless else vendor.secret(), base_url=base_url or None, max_retries=0
    )
    finalize(owner, client.close)
    return vendor, client


def limit(service: Service) -> Limit:
    """As set; else what OpenAI grants a new account, and no limit for a server of one's own."""
    environment = settings.ENVIRONMENT
    requests, tokens = {
        "embeddings": (
            environment.openai_embedding_requests_per_minute,
            environment.openai_embedding_tokens_per_minute,
        ),
        "answers": (
            environment.openai_chat_requests_per_minute,
            environment.openai_chat_tokens_per_minute,
        ),
    }[service]
    granted = Limit() if own_server() else GRANTED[service]
    return Limit(requests or granted.requests, tokens or granted.tokens)


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
    said = explanation(error)
    if speaks_of_length(error.status_code, said):
        kind = TooManyError if re.search(r"batch", said, re.I) else TooLongError
        return kind(f"{vendor} finds the request too long. {scrubbed(said)}", permanent=True)
    headers: Mapping[str, str] = error.response.headers
    if error.status_code == 429 and "retry-after" not in headers:
        headers = {"retry-after": str(until_reset(headers) or ""), **headers}
    refused = vendor.refused(error.status_code, said=said, headers=headers)
    for name, words in LACKS.items():
        if error.status_code in {400, 422} and re.search(words, said, re.I):
            return LacksError(name, str(refused))
    return refused


def explanation(error: APIStatusError) -> str:
    """What the server says, wherever it does: servers that are compatible differ in that."""
    body = error.body
    if isinstance(body, Mapping):
        body = body.get("message") or body.get("detail") or ""
    return " ".join(str(body or "").split())


def speaks_of_length(status: int, message: str) -> bool:
    """Whether a refusal is about too much text; llama.cpp says that with a 500."""
    words = {
        **dict.fromkeys((400, 413, 422), r"token|too (long|large)|context length|batch size"),
        500: r"too large to process|exceeds? the (available )?context",
    }
    return status in words and bool(re.search(words[status], message, re.I))


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
