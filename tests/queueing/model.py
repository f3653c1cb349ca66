"""The queue in a few lines of plain Python: what the real one must do, event by event."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(eq=False)
class Expected:
    """What the model knows of one task."""

    pk: UUID
    subject: UUID | None
    priority: int
    place: int  # in the order of queueing
    max_retries: int
    data: dict[str, Any]
    waits_for: str = ""  # "time" or "twin": out of the line
    status: str = "queued"
    attempt: int = 0
    retries: int = 0
    is_unwanted: bool = False  # somebody asked to cancel it
    history: list[str] = field(default_factory=list)

    @property
    def order(self) -> tuple[int, int]:
        return -self.priority, self.place


BACK = ("retried", "rescued", "released", "postponed")


class QueueModel:
    """The queue as a list."""

    def __init__(self) -> None:
        self.tasks: list[Expected] = []
        self.queueings = 0

    def next_place(self) -> int:
        self.queueings += 1
        return self.queueings

    def line(self) -> list[Expected]:
        ready = [task for task in self.tasks if task.status == "queued" and not task.waits_for]
        return sorted(ready, key=lambda task: task.order)

    def twins(self, subject: UUID | None, status: str) -> list[Expected]:
        if subject is None:
            return []
        return [task for task in self.tasks if (task.subject, task.status) == (subject, status)]

    def enqueue(self, task: Expected) -> Expected:
        """The task, or the twin that it joins."""
        is_parked = bool(self.twins(task.subject, "processing"))
        for twin in self.twins(task.subject, "queued"):
            twin.data |= task.data
            twin.priority = max(twin.priority, task.priority)
            both = {twin.waits_for, task.waits_for}
            twin.waits_for = "twin" if is_parked else "" if "" in both else "time"
            return twin
        task.waits_for = "twin" if is_parked else task.waits_for
        self.tasks.append(task)
        return task

    def claim(self) -> Expected | None:
        for task in self.line()[:1]:
            task.status = "processing"
            task.attempt += 1
            return task
        return None

    def end(self, task: Expected, outcome: str, *, waits: bool = False) -> None:
        """End its attempt. It waits for a time afterwards if `waits` and it is queued again."""
        is_spent = outcome in ("retried", "rescued") and task.retries == task.max_retries
        task.history.append("failed" if is_spent and outcome == "retried" else outcome)
        is_back = outcome in BACK and not is_spent and not task.is_unwanted
        if outcome == "completed":
            task.status = outcome
        elif task.is_unwanted or outcome == "cancelled":
            task.status = "cancelled"
        elif is_back:
            spent = task.retries + (outcome in ("retried", "rescued"))
            self.queue_again(task, retries=spent, waits=waits)
        else:
            task.status = "failed"
        for twin in self.twins(task.subject, "queued"):
            if twin.waits_for == "twin":
                twin.waits_for = "time" if waits and is_back else ""

    def queue_again(self, task: Expected, *, retries: int, waits: bool = False) -> None:
        """Into the line, or into the twin that waits already."""
        for twin in self.twins(task.subject, "queued"):
            twin.data = task.data | twin.data
            twin.priority = max(twin.priority, task.priority)
            task.status = "cancelled"
            return
        is_parked = any(twin is not task for twin in self.twins(task.subject, "processing"))
        task.waits_for = "twin" if is_parked else "time" if waits else ""
        task.status, task.place, task.retries = "queued", self.next_place(), retries
        task.is_unwanted = False

    def cancel(self, task: Expected) -> bool:
        """Whether it had not ended yet."""
        if task.status == "queued":
            task.status, task.waits_for = "cancelled", ""
        elif task.status == "processing":
            task.is_unwanted = True
        else:
            return False
        return True

    def let_time_pass(self) -> None:
        for task in self.tasks:
            if task.waits_for == "time":
                task.waits_for = ""
