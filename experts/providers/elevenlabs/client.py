"""Calling ElevenLabs: its client, how long a call may take, and what its errors mean."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from weakref import finalize

import httpx
from django.conf import settings
from elevenlabs.client import ElevenLabs
from elevenlabs.core import ApiError, ParsingError
from elevenlabs.core.request_options import RequestOptions

from experts.providers.base import ProviderError
from experts.providers.pacing import heeding
from experts.providers.vendor import Vendor

VENDOR = Vendor("ElevenLabs", key="ELEVENLABS_API_KEY")
TALKS = replace(VENDOR, service="talks")  # a pause in the making of agents does not end these
VOICES = replace(VENDOR, service="voices")
TIMEOUT = 10  # seconds; whole ones are all that the SDK takes
VOICE_SECRET = re.compile(r"[0-9a-f]{64}")


class UnknownError(ProviderError):
    """The vendor has nothing under this id."""


class Budget:
    """So many seconds for all calls together."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def options(self) -> RequestOptions:
        """For the next call: what is left. Raises ProviderError when nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise VENDOR.silent(self.seconds)
        return once(max(1, int(left)))


def connect(owner: object) -> ElevenLabs:
    """A client whose connections close with its owner. Raises ProviderError without a key."""
    key = VENDOR.secret()
    http = httpx.Client(timeout=TIMEOUT, follow_redirects=True)
    finalize(owner, http.close)
    address = settings.ENVIRONMENT.elevenlabs_base_url or None
    return ElevenLabs(api_key=key, base_url=address, httpx_client=http)


def once(seconds: int) -> RequestOptions:
    """No retries by the SDK: it repeats POSTs too, and sleeps through a minute of Retry-After."""
    return {"max_retries": 0, "timeout_in_seconds": seconds}


@contextmanager
def vendor_errors(seconds: float, vendor: Vendor = VENDOR) -> Iterator[None]:
    """Translate what the SDK raises; its errors quote whole bodies, so none is chained."""
    with heeding(vendor):
        try:
            yield
        except ApiError as error:
            raise refusal(error) from None
        except ParsingError:
            raise VENDOR.garbled() from None
        except httpx.TimeoutException:
            raise VENDOR.silent(seconds) from None
        except httpx.HTTPError:
            raise VENDOR.unreachable() from None


def refusal(error: ApiError) -> ProviderError:
    detail = error.body.get("detail") if isinstance(error.body, dict) else None
    kind = detail.get("status") if isinstance(detail, dict) else None
    status = error.status_code or 0
    if status < 400:  # a whole answer that is not JSON
        return VENDOR.garbled()
    # With a 401 the vendor also answers what others say with 402 and 403.
    status = {"quota_exceeded": 402, "missing_permissions": 403}.get(str(kind), status)
    said = VOICE_SECRET.sub("***", explanation(detail))
    refused = VENDOR.refused(status, said=said, headers=error.headers)
    return UnknownError(str(refused), permanent=True) if status == 404 else refused


def explanation(detail: Any) -> str:
    """The vendor's words: {"message"}, or for a 422 a list of {"loc", "msg"}."""
    if isinstance(detail, dict):
        return str(detail.get("message") or "")
    if isinstance(detail, list):
        return "; ".join(
            f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg')}" for item in detail
        )
    return str(detail or "")
