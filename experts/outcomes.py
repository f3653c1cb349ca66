"""What trouble at a vendor means for the task that met it."""

import random
from typing import NamedTuple

from django.db.models import Max

from experts.providers.base import ProviderError
from queueing import PermanentError, RetryLater
from queueing.models import ProcessingTask, TaskAttempt

FIRST_PAUSE = 5.0  # seconds; doubled with every try


class Patience(NamedTuple):
    """How often trouble is waited out before it costs retries, and how long a time at most."""

    tries: int
    longest: float  # seconds


WAITED_FOR = Patience(tries=40, longest=600)  # some five hours: somebody watches
REMOVAL = Patience(tries=120, longest=3600)  # some four days: nobody does, and nothing may stay


def as_outcome(
    error: ProviderError, task: ProcessingTask, *, patience: Patience = WAITED_FOR
) -> Exception:
    """The end, or another try: when the vendor said, else after a growing time with chance in it.

    It costs a retry only once the patience with the vendor is at its end.
    """
    if error.permanent:
        return PermanentError(str(error))
    if error.retry_after is not None:
        return RetryLater(error.retry_after, str(error))
    tries = tries_of(task)
    longest = min(FIRST_PAUSE * 2 ** min(tries - 1, 20), patience.longest)
    pause = longest * random.uniform(0.5, 1)  # noqa: S311  not a secret
    return RetryLater(pause, str(error), counted=tries > patience.tries)


def tries_of(task: ProcessingTask) -> int:
    """Attempts since it was queued first, or once more by hand."""
    ends = TaskAttempt.Outcome.FAILED, TaskAttempt.Outcome.COMPLETED, TaskAttempt.Outcome.CANCELLED
    last = task.attempts.filter(outcome__in=ends).aggregate(last=Max("number"))["last"]
    return task.attempt - (last or 0)
