"""What a handler may raise, and what a handler's checkpoint raises."""

from datetime import timedelta

from queueing.waiting import LONGEST


class PermanentError(Exception):
    """Raised by a handler: trying again cannot help. The task fails at once."""


class RetryLater(Exception):
    """Raised by a handler: not now, but after `delay` (seconds or a timedelta).

    It costs no retry, for nothing went wrong: a rate limit, a file that another task is
    reading. `counted=True` makes it one of the task's `max_retries`, so that a vendor that
    says "later" for ever ends in a failure with its reason.
    """

    def __init__(self, delay: float | timedelta, reason: str = "", *, counted: bool = False):
        super().__init__(reason or "Postponed")
        delay = delay if isinstance(delay, timedelta) else timedelta(seconds=delay)
        self.delay = min(delay, LONGEST)
        self.counted = counted


class CheckpointStop(Exception):
    """A handler is to stop here, without further effects. Let it pass through."""


class TaskCancelled(CheckpointStop):
    """Somebody cancelled the task."""


class TaskLost(CheckpointStop):
    """The task is no longer this worker's: another may be running it already."""


class WorkerStopping(CheckpointStop):
    """The worker's grace period is over; the task goes back to the queue."""


class TaskUnfinishedError(Exception):
    """The task waits or runs already, so there is nothing to requeue."""


class UnknownTaskTypeError(LookupError):
    """No handler is registered for a task type, so a task of it could never run."""

    def __init__(self, task_type: str):
        super().__init__(
            f"No handler is registered for task type {task_type!r}."
            " Register one with @handler in the tasks.py of an installed app."
        )
