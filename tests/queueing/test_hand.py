"""What a worker holds stays right when answers of the database get lost."""

from datetime import timedelta
from functools import partial

import pytest

from queueing import TaskLost, enqueue
from queueing.claiming import Claims
from queueing.configuration import Configuration
from queueing.crew import settle
from queueing.hand import Hand
from queueing.heart import Heart
from queueing.models import ProcessingTask, Worker
from queueing.runner import Ended, Settled

pytestmark = pytest.mark.django_db


@pytest.fixture
def worker() -> Worker:
    return Worker.objects.create(host="here", pid=1)


@pytest.fixture
def claims(worker: Worker) -> Claims:
    return Claims(worker.pk, lease=timedelta(minutes=1))


@pytest.fixture
def hand(worker: Worker, claims: Claims) -> Hand:
    enqueue("echo")
    return Hand(worker.pk, claims)


def exchange(hand: Hand, limit: int) -> list[ProcessingTask]:
    """Finish what has ended and claim: what a worker does in a turn."""
    hand.ask(limit)
    heard = hand.hear()
    return hand.accept(heard) if heard else []


def test_a_claim_whose_answer_was_lost_is_released(hand: Hand, claims: Claims) -> None:
    [lost] = claims.finish_and_claim([], 1)[1]
    hand.make_certain()
    lost.refresh_from_db()
    assert (lost.status, lost.retry_count) == ("queued", 0)


def test_what_is_in_hand_is_not_released(hand: Hand) -> None:
    [task] = exchange(hand, 1)
    hand.make_certain()
    task.refresh_from_db()
    assert task.status == "processing"


def test_a_completion_whose_answer_was_lost_counts(
    hand: Hand, claims: Claims, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    [task] = exchange(hand, 1)
    hand.take(Ended(task))
    claims.finish([Ended(task)])
    hand.make_certain()
    assert hand.tasks == []
    assert "completed in" in caplog.text


def test_a_task_taken_over_before_its_end_is_let_go(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    [task] = exchange(hand, 1)
    ProcessingTask.objects.filter(pk=task.pk).update(attempt=2)
    hand.take(Ended(task))
    exchange(hand, 0)
    assert hand.tasks == []
    assert "was lost before it ended" in caplog.text


def test_the_report_of_a_task_let_go_before_is_ignored(hand: Hand) -> None:
    [task] = exchange(hand, 1)
    hand.let_go(task)
    hand.take(Ended(task))
    hand.take(Settled(task))
    assert exchange(hand, 0) == []


@pytest.mark.django_db(transaction=True)
def test_a_result_that_the_database_refuses_fails_its_task_only(hand: Hand) -> None:
    enqueue("echo")
    bad, good = exchange(hand, 2)
    hand.take(Ended(bad, "not json"))
    hand.take(Ended(good))
    hand.make_certain()
    bad.refresh_from_db()
    good.refresh_from_db()
    assert (bad.status, good.status, hand.tasks) == ("failed", "completed", [])


def test_stopping_puts_everything_back(hand: Hand) -> None:
    [task] = exchange(hand, 1)
    hand.release_all()
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("queued", 0)


def test_what_is_on_its_way_when_the_worker_stops_is_put_back(hand: Hand) -> None:
    hand.ask(1)
    hand.release_all()
    task = ProcessingTask.objects.get()
    assert (task.status, task.attempt, task.retry_count) == ("queued", 1, 0)
    assert not hand.is_asking


def test_what_ended_and_what_came_are_told_after_the_next_question(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    enqueue("echo")
    enqueue("echo")
    [first] = exchange(hand, 1)
    hand.take(Ended(first))
    hand.ask(1)
    heard = hand.hear()
    assert heard
    assert (hand.tasks, "completed" in caplog.text) == ([], False)
    hand.ask(1)
    [second] = hand.accept(heard)
    assert (hand.tasks, f"{first} completed" in caplog.text) == ([second], True)
    assert hand.is_asking


def test_leases_are_renewed_for_what_is_in_hand_only(
    hand: Hand, claims: Claims, worker: Worker
) -> None:
    enqueue("echo")
    [held] = exchange(hand, 1)
    [stray] = claims.finish_and_claim([], 1)[1]
    before = {task.pk: task.lease_expires_at for task in (held, stray)}
    Heart(worker, lambda: hand.tasks, Configuration(lease=timedelta(hours=1))).renew()
    after = dict(ProcessingTask.objects.values_list("pk", "lease_expires_at"))
    assert [after[task.pk] == before[task.pk] for task in (held, stray)] == [False, True]


def test_a_handler_is_told_when_its_lease_cannot_be_renewed(hand: Hand, worker: Worker) -> None:
    [task] = exchange(hand, 1)
    ProcessingTask.objects.filter(pk=task.pk).update(attempt=2)
    Heart(worker, lambda: hand.tasks, Configuration()).renew()
    with pytest.raises(TaskLost, match="Another worker"):
        task.checkpoint()


def test_a_pruned_worker_enters_itself_again(worker: Worker) -> None:
    Worker.objects.all().delete()
    Heart(worker, list, Configuration()).beat()
    assert Worker.objects.online().get() == worker


def test_a_handler_that_gives_back_what_its_worker_gave_back_says_nothing(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    [task] = exchange(hand, 1)
    hand.release_all()
    settle(task, partial(task.release, "The worker stops."))
    assert (task.status, "was lost" in caplog.text) == ("queued", False)


def test_a_handler_that_gives_back_what_another_worker_has_says_so(
    hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    [task] = exchange(hand, 1)
    ProcessingTask.objects.filter(pk=task.pk).update(attempt=2)
    settle(task, partial(task.release, "The worker stops."))
    assert "was lost" in caplog.text


def test_an_error_nobody_foresaw_does_not_stop_the_heart(
    worker: Worker, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    heart = Heart(worker, list, Configuration())
    beats = []

    def beat() -> None:
        beats.append(len(beats))
        if len(beats) == 1:
            raise RuntimeError("unforeseen")
        heart._stopped.set()

    monkeypatch.setattr(heart, "beat", beat)
    heart.start()
    heart.join(timeout=10)
    assert (beats, heart.is_alive()) == ([0, 1], False)
    assert "RuntimeError: unforeseen" in caplog.text
