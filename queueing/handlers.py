"""Which function runs the tasks of which type."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured

from queueing.exceptions import UnknownTaskTypeError

if TYPE_CHECKING:
    from queueing.models import ProcessingTask

HandlerFunction = Callable[["ProcessingTask"], Any]
TransitionHook = Callable[["ProcessingTask"], object]
RemainingWeights = Callable[[Sequence["ProcessingTask"]], Mapping[UUID, float]]


@dataclass(frozen=True, kw_only=True)
class Handler:
    """A function with what the queue must know to run it."""

    function: HandlerFunction
    exclusive: bool
    on_transition: TransitionHook | None
    time_limit: timedelta | None
    stall_limit: timedelta | None
    remaining: RemainingWeights | None
    every: timedelta | None


handlers: dict[str, Handler] = {}


def handler(
    task_type: str,
    *,
    exclusive: bool = False,
    on_transition: TransitionHook | None = None,
    time_limit: timedelta | None = None,
    stall_limit: timedelta | None = None,
    remaining: RemainingWeights | None = None,
    every: timedelta | None = None,
) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the decorated function for `task_type`. It must be safe to run twice.

    What it returns, if anything, is kept as the task's result and must fit into JSON.

    exclusive: at most one task per (task_type, expert_id) waits and at most one is processed;
    a new one joins the one that waits.
    on_transition: called with the task inside the transaction of every transition other than
    the claim and the completion, whoever makes it: queued again (retried, released, rescued,
    requeued), failed, cancelled. A task merged into its waiting twin is reported as cancelled,
    then the twin as queued.
    time_limit: how long an attempt may take (the setting TIME_LIMIT unless given).
    stall_limit: how long an attempt may go without a checkpoint (no limit unless given).
    remaining: how much of their weight tasks of this type that are being processed still have
    before them, by id, for estimates; a task that it leaves out counts by its own weight.
    every: workers queue a task of this type once in each such span, without data, behind the rest.
    """

    def register(function: HandlerFunction) -> HandlerFunction:
        known = handlers.get(task_type)
        if known and known.function.__qualname__ != function.__qualname__:
            raise ImproperlyConfigured(f"Two handlers claim the task type {task_type!r}.")
        handlers[task_type] = Handler(
            function=function,
            exclusive=exclusive,
            on_transition=on_transition,
            time_limit=time_limit,
            stall_limit=stall_limit,
            remaining=remaining,
            every=every,
        )
        return function

    return register


def handler_for(task_type: str) -> Handler:
    """Raises UnknownTaskTypeError."""
    try:
        return handlers[task_type]
    except KeyError:
        raise UnknownTaskTypeError(task_type) from None
