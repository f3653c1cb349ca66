"""`on_transition` keeps a project's own tables in step."""

from datetime import timedelta
from uuid import uuid4

import pytest

from queueing import PermanentError, RetryLater, enqueue
from queueing.claiming import Claims
from queueing.handlers import handler
from queueing.models import Pause, ProcessingTask
from queueing.testing import drain

pytestmark = pytest.mark.django_db

Seen = list[tuple[str, str]]


@pytest.fixture
def seen() -> Seen:
    """What a handler that does as its task says hears of its transitions."""
    heard: Seen = []

    @handler("told", on_transition=lambda task: heard.append((task.status, task.error_message)))
    def told(task: ProcessingTask) -> None:
        match task.task_data.get("end"):
            case "permanent":
                raise PermanentError("broken")
            case "later":
                raise RetryLater(5, "busy")
            case "error":
                raise ValueError("odd")

    return heard


def claimed() -> ProcessingTask:
    claims = Claims(uuid4(), lease=timedelta(minutes=1))
    [task] = claims.finish_and_claim([], 1)[1]
    return task


def test_the_claim_and_the_completion_are_not_told(seen: Seen) -> None:
    enqueue("told")
    drain()
    assert seen == []


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("permanent", ("failed", "broken")),
        ("later", ("queued", "busy")),
        ("error", ("queued", "ValueError: odd")),
    ],
)
def test_other_ends_are_told_with_their_reason(seen: Seen, end: str, told: object) -> None:
    enqueue("told", task_data={"end": end})
    drain()
    assert seen == [told]


def test_so_are_release_rescue_cancel_and_requeue(seen: Seen) -> None:
    task = enqueue("told")
    claimed().release("stopped")
    claimed().rescue("died")
    task.cancel()
    task.requeue()
    assert [status for status, _ in seen] == ["queued", "queued", "cancelled", "queued"]


def test_it_commits_or_vanishes_with_the_transition() -> None:
    handler("writing", on_transition=lambda task: Pause.begin())(lambda task: None)
    task = enqueue("writing")
    task.cancel()
    assert Pause.objects.exists()


def test_its_errors_undo_its_own_writes_only(caplog: pytest.LogCaptureFixture) -> None:
    @handler("breaking", on_transition=lambda task: Pause.begin() and 1 / 0)
    def breaking(task: ProcessingTask) -> None: ...

    task = enqueue("breaking")
    task.cancel()
    assert (task.status, Pause.objects.exists()) == ("cancelled", False)
    assert "on_transition of 'breaking' failed" in caplog.text
