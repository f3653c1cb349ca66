"""What becomes of a worker's turn when something goes wrong in the middle of it."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import django.db
import pytest
from django.db import connections

from queueing import crew as crews
from queueing import enqueue, enqueue_many
from queueing import worker as workers
from queueing.configuration import configuration
from queueing.database import Session
from queueing.models import ProcessingTask, TaskAttempt
from queueing.worker import QueueWorker, WorkerOptions
from tests.queueing.conftest import eventually, has_status

pytestmark = pytest.mark.django_db(transaction=True)


class Unexpected(Exception):
    """An error of a kind that no part of the worker knows."""


class Runs:
    """A worker in a thread of this process, and how it ended."""

    def __init__(self, **options: Any) -> None:
        self.worker = QueueWorker(WorkerOptions(**options), configuration())
        self.ended: bool | Unexpected | None = None
        self._thread = threading.Thread(target=self._run)

    def start(self) -> None:
        self._thread.start()

    def end(self) -> bool | Unexpected | None:
        self._thread.join(20)
        return self.ended

    def _run(self) -> None:
        try:
            self.ended = self.worker.run()
        except Unexpected as error:
            self.ended = error
        finally:
            connections.close_all()


@pytest.fixture
def runs() -> Iterator[Callable[..., Runs]]:
    made: list[Runs] = []

    def make(**options: Any) -> Runs:
        made.append(Runs(**options))
        return made[-1]

    yield make
    for each in made:
        each.worker.stop()
        each.worker.stop()
        each.end()


def fail_once(
    monkeypatch: pytest.MonkeyPatch, worker: QueueWorker, error: Exception, *, thread: str
) -> None:
    """Let the first turn that a thread of this name takes, with something to finish, fail."""
    hand, errors = worker._hand, [error]
    healthy = hand.ask

    def failing(limit: int) -> None:
        if errors and hand._ended and threading.current_thread().name.startswith(thread):
            raise errors.pop()
        healthy(limit)

    monkeypatch.setattr(hand, "ask", failing)


def cut_off_statement(
    monkeypatch: pytest.MonkeyPatch, number: int, *, is_answer_lost: bool
) -> threading.Event:
    """Let the worker's statement of this number fail: before the server had it, or after."""
    ask, answer, numbers, cut = Session.ask, Session.answer, count(1), threading.Event()
    is_cut = False

    def asking(session: Session, *arguments: Any) -> None:
        nonlocal is_cut
        is_cut = next(numbers) == number
        if is_cut and not is_answer_lost:
            cut.set()
            raise django.db.OperationalError("The connection was cut")
        ask(session, *arguments)

    def answering(session: Session) -> list[tuple[Any, ...]]:
        rows = answer(session)
        if is_cut:
            cut.set()
            raise django.db.OperationalError("The connection was cut")
        return rows

    monkeypatch.setattr(Session, "ask", asking)
    monkeypatch.setattr(Session, "answer", answering)
    return cut


@pytest.mark.parametrize(
    "error", [Unexpected("It broke"), django.db.OperationalError("It is away")]
)
def test_a_handlers_thread_outlives_a_turn_that_fails(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    enqueue_many("echo", [{}] * 3)
    run = runs(burst=True)
    fail_once(monkeypatch, run.worker, error, thread="handler")
    run.start()
    assert run.end() is True
    assert set(ProcessingTask.objects.values_list("status", "attempt")) == {("completed", 1)}


@pytest.mark.parametrize("is_answer_lost", [False, True])
@pytest.mark.parametrize("number", range(1, 5))
def test_whichever_statement_is_cut_off_no_task_runs_twice(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, number: int, is_answer_lost: bool
) -> None:
    enqueue_many("echo", [{}] * 5)
    cut = cut_off_statement(monkeypatch, number, is_answer_lost=is_answer_lost)
    run = runs(burst=True, concurrency=2)
    run.start()
    assert run.end() is True
    assert cut.is_set()
    assert set(ProcessingTask.objects.values_list("status", "retry_count")) == {("completed", 0)}
    ends = TaskAttempt.objects.filter(outcome=TaskAttempt.Outcome.COMPLETED)
    assert (ends.count(), ends.values("task").distinct().count()) == (5, 5)


def test_the_database_works_while_the_other_half_is_run(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crews, "GATHER", 20)  # however slow this machine is
    enqueue_many("echo", [{}] * 8)
    run, events = runs(burst=True, concurrency=4), []
    note(monkeypatch, run.worker._hand, "ask", events)
    note(monkeypatch, run.worker._hand, "hear", events)
    note(monkeypatch, crews, "_run", events)
    run.start()
    assert run.end() is True
    assert set(ProcessingTask.objects.values_list("status", "attempt")) == {("completed", 1)}
    assert " ".join(events).count("ask _run _run hear") == 4


def test_a_slow_task_keeps_no_answer_from_the_others(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, gate: Path
) -> None:
    enqueue_many("echo", [{}] * 3)
    slow = enqueue("deaf", task_data={"gate": str(gate)})  # the last that its thread begins
    enqueue_many("echo", [{}] * 6)
    monkeypatch.setattr(crews, "GATHER", 0.5)  # it has asked by then, on the slowest machine
    monkeypatch.setattr(workers, "LONGEST_SLEEP", 600)  # no other reason to hear it
    run = runs(concurrency=4, poll_interval=timedelta(minutes=10))
    run.start()
    eventually(lambda: ProcessingTask.objects.filter(status="completed").count() == 9)
    slow.refresh_from_db()
    assert slow.status == "processing"
    gate.touch()
    eventually(has_status(slow, "completed"))


def test_an_error_that_nobody_expected_leaves_nothing_in_the_hand(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, gate: Path
) -> None:
    task = enqueue("patient", task_data={"gate": str(gate)})
    run = runs()
    run.start()
    eventually(has_status(task, "processing"))
    error = Unexpected("It broke")
    monkeypatch.setattr(run.worker._upkeep, "run", lambda **_: _raise(error))
    assert run.end() is error
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("queued", 0)


def test_a_rule_that_stays_broken_is_tried_again_with_patience(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    enqueue("echo")
    run = runs(burst=True)
    error = django.db.IntegrityError("A twin is in the line")
    fail_once(monkeypatch, run.worker, error, thread="handler")
    monkeypatch.setattr(run.worker._hand, "make_certain", _once(error))
    run.start()
    run.end()
    assert "The worker waits for the database: A twin is in the line" in caplog.text
    assert ProcessingTask.objects.get().status == "completed"


def test_a_thread_that_waits_for_the_lead_goes_home_with_the_worker(
    runs: Callable[..., Runs], monkeypatch: pytest.MonkeyPatch, gate: Path
) -> None:
    enqueue("deaf", task_data={"gate": str(gate)})
    run = runs()
    worker = run.worker
    put_back = worker._hand.release_all

    def slowly() -> None:
        worker._is_main_leading = True  # as if it had come while the main thread had the lead
        gate.touch()
        eventually(lambda: worker._crew.has_reports)
        put_back()

    monkeypatch.setattr(worker._hand, "release_all", slowly)
    run.start()
    eventually(lambda: worker._crew._at_work)  # what has not begun yet would be held back
    worker.stop()
    worker.stop()
    assert run.end() is True


def note(monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, events: list[str]) -> None:
    """Let each call of this function be noted among the events."""
    original = getattr(owner, name)

    def noting(*arguments: Any) -> Any:
        events.append(name)
        return original(*arguments)

    monkeypatch.setattr(owner, name, noting)


def _raise(error: Exception) -> None:
    raise error


def _once(error: Exception) -> Callable[[], None]:
    errors = [error]

    def fail() -> None:
        with suppress(IndexError):
            raise errors.pop()

    return fail
