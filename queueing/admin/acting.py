"""What an operator can do to tasks, one or a million: asked for once more, then remembered."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Any

from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet

from queueing.estimates import Count, count
from queueing.exceptions import TaskUnfinishedError
from queueing.models import ProcessingTask

PATIENCE = 15.0  # seconds that a request may take; proxies cut it off after some more
BATCH = 200
SHOWN = 10


def _requeue(task: ProcessingTask) -> bool:
    try:
        task.requeue()
    except TaskUnfinishedError:
        return False
    return True


@dataclass(frozen=True, kw_only=True)
class Act:
    """One of the things that can be done, with the words for it."""

    name: str  # of the admin's action
    question: str
    explanation: str
    done: str  # "3 tasks …"
    statuses: tuple[str, ...]  # in which it is possible
    do: Callable[[ProcessingTask], bool]  # False when it was too late
    last_first: bool = False

    def possible(self, tasks: QuerySet[ProcessingTask]) -> QuerySet[ProcessingTask]:
        return tasks.filter(status__in=self.statuses).order_by("-pk" if self.last_first else "pk")


REQUEUE = Act(
    name="requeue",
    question="Requeue",
    explanation="They run again from the end of the line, with all their retries.",
    done="queued again",
    statuses=ProcessingTask.FINISHED,
    do=_requeue,
)
CANCEL = Act(
    name="cancel",
    question="Cancel",
    explanation="Those that wait end at once, those that run at their next checkpoint.",
    done="cancelled",
    statuses=("queued", "processing"),
    do=ProcessingTask.cancel,
)
RUN_NEXT = Act(
    name="run_next",
    question="Run next",
    explanation="They go before all others that wait.",
    done="put first",
    statuses=("queued",),
    do=ProcessingTask.run_next,
    last_first=True,  # each goes before the one put first just now
)


class Choice:
    """The tasks that an act is asked for: those ticked, or all that match the list's filters."""

    def __init__(self, act: Act, tasks: QuerySet[ProcessingTask]) -> None:
        self.act = act
        self.is_cut_short = False
        self._tasks = tasks

    @property
    def size(self) -> Count:
        return count(self._tasks)

    def batches(self, *, within: float) -> Iterator[list[ProcessingTask]]:
        """Do it, and yield what was changed, batch by batch; no new one after so many seconds."""
        until = monotonic() + within
        rows = self.act.possible(self._tasks)
        beyond = "pk__lt" if self.act.last_first else "pk__gt"
        batch = list(rows[:BATCH])
        while batch and not self.is_cut_short:
            yield [task for task in batch if self.act.do(task)]
            batch = list(rows.filter(**{beyond: batch[-1].pk})[:BATCH])
            self.is_cut_short = bool(batch) and monotonic() > until

    def question(self) -> dict[str, Any]:
        """What the confirmation shows, and must send back to be this choice again."""
        possible = self.act.possible(self._tasks)
        shown = list(possible[:SHOWN])
        able, chosen = count(possible), self.size
        return {
            "act": self.act,
            "title": f"{self.act.question}: {counted(able)}?",
            "able": able,
            "others": Count(chosen.number - able.number, able.is_exact and chosen.is_exact),
            "shown": shown,
            "unshown": Count(able.number - len(shown), able.is_exact),
            "checkbox": ACTION_CHECKBOX_NAME,
        }


def counted(tasks: Count) -> str:
    return "1 task" if tasks.number == 1 else f"{tasks} tasks"
