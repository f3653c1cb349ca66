"""Calls to a vendor, in turn with everyone else's, and the pauses that it asks for."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from experts.providers import bucket
from experts.providers.base import PausedError
from experts.providers.patience import ATTEMPTS, PATIENCE, with_retries
from experts.providers.vendor import Vendor

Result = TypeVar("Result")
Pause = Callable[[str, float], None]

LONGEST_PAUSE = 120.0  # seconds; a vendor that asks for more gets the task back in the queue


class Waiting(NamedTuple):
    """How the caller waits: `pause(vendor, seconds)` returns when they are over."""

    longest: float  # seconds of one pause
    pause: Pause
    in_line: bool  # background work, which people go before


def _sleep(vendor: str, seconds: float) -> None:
    time.sleep(seconds)


SOMEBODY_WAITS = Waiting(PATIENCE, _sleep, in_line=False)
_waiting: ContextVar[Waiting] = ContextVar("waiting", default=SOMEBODY_WAITS)


def somebody_waits() -> bool:
    """Whether a person waits for what is called now, or it is work of the background."""
    return not _waiting.get().in_line


@contextmanager
def pausing(pause: Pause) -> Iterator[None]:
    """Work in the background: long pauses are waited out by `pause`, which shows them."""
    token = _waiting.set(Waiting(LONGEST_PAUSE, pause, in_line=True))
    try:
        yield
    finally:
        _waiting.reset(token)


def paced(
    vendor: Vendor,
    call: Callable[[], Result],
    *,
    attempts: int = ATTEMPTS,
    requests: int = 1,
    tokens: int = 0,
) -> Result:
    """Call when the turn has come; after a pause that the vendor asked of everyone, once more.

    `requests` and `tokens` are what the call takes of the limits. Short troubles are waited out
    as `with_retries` does. Raises ProviderError; PausedError where the pause is too long for
    whoever waits, or comes twice while a person does.
    """
    waiting = _waiting.get()
    cost = vendor.limit.seconds(requests=requests, tokens=tokens)
    was_paused = False
    while True:
        _wait_for_turn(vendor, cost, waiting)
        try:
            return with_retries(call, attempts=attempts)
        except PausedError as paused:
            bucket.close(vendor.bucket, paused.seconds)
            if paused.seconds > waiting.longest or (was_paused and not waiting.in_line):
                raise
            was_paused = True


@contextmanager
def heeding(vendor: Vendor) -> Iterator[None]:
    """For calls whose caller tries again by itself: none while the vendor asked for patience.

    When it asks now, it asks everyone. Raises PausedError.
    """
    if seconds := bucket.closed_for(vendor.bucket):
        raise PausedError(vendor.name, seconds)
    try:
        yield
    except PausedError as paused:
        bucket.close(vendor.bucket, paused.seconds)
        raise


def _wait_for_turn(vendor: Vendor, cost: float, waiting: Waiting) -> None:
    while wait := _seconds_to_turn(vendor, cost, waiting):
        if wait > waiting.longest:
            raise PausedError(vendor.name, wait)
        waiting.pause(vendor.name, wait)
        if not bucket.closed_for(vendor.bucket):
            return


def _seconds_to_turn(vendor: Vendor, cost: float, waiting: Waiting) -> float:
    if not cost:  # without a limit of ours, only the vendor's word counts
        return bucket.closed_for(vendor.bucket)
    return bucket.take(
        vendor.bucket, cost=cost, patience=waiting.longest, skips_line=not waiting.in_line
    )
