"""A long line is counted once, and everything that moves in it is noted."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import F
from pytest_django import DjangoAssertNumQueries

from queueing import enqueue, enqueue_many, tally
from queueing.claiming import Claims
from queueing.models import ProcessingTask
from queueing.runner import Ended
from queueing.status import queue_counts
from queueing.tally import IS_RIGHT, Teller, check, keep
from queueing.testing import drain

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)


def ask(question: str) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return cursor.fetchall() if cursor.description else []


def stretches() -> list[int]:
    """How many tasks each holds, those of a higher priority first."""
    rows = ask("SELECT tasks FROM processing_tally ORDER BY priority DESC, turn, queued_at")
    return [int(str(tasks)) for (tasks,) in rows]


def cut_up(stretch: int = 2) -> None:
    """Let even a short line be cut, until nothing is left to cut."""
    keep(many=1, stretch=stretch)
    while not keep(many=1, stretch=stretch):
        pass


def spread_out() -> None:
    """Let each task in the line have been queued at a moment of its own."""
    for number, task in enumerate(ProcessingTask.objects.ready().order_by("pk")):
        moment = F("queued_at") + timedelta(microseconds=number)
        ProcessingTask.objects.filter(pk=task.pk).update(queued_at=moment)


def are_right() -> bool:
    """Whether tally and positions say what walking along the line says."""
    line = list(ProcessingTask.objects.ready().in_claim_order())
    walked, weight = {}, 0
    for place, task in enumerate(line, 1):
        walked[task.pk] = (place, weight)
        weight += task.weight
    [(is_tally_right,)] = ask(IS_RIGHT)
    return (
        is_tally_right is not False
        and ProcessingTask.objects.places(list(walked)) == walked
        and all(
            ProcessingTask.objects.positions([pk]) == {pk: place}
            for pk, (place, _) in walked.items()
        )
    )


@pytest.fixture(autouse=True)
def no_tally(db: None) -> None:
    """Whatever tests that commit have left."""
    ask("TRUNCATE processing_tally, processing_tally_change")


@pytest.fixture
def line(db: None) -> list[ProcessingTask]:
    """Thirty tasks of three priorities and two turns, some of one moment; they are counted."""
    tasks = enqueue_many("echo", [{"priority": n % 3, "weight": n + 1} for n in range(30)])
    ProcessingTask.objects.filter(pk__in=[task.pk for task in tasks[::4]]).update(turn=1)
    spread_out()
    enqueue_many("echo", [{"priority": 1}] * 7)
    cut_up()
    return tasks


@pytest.mark.parametrize("stretch", [1, 2, 5, 50])
def test_positions_are_the_same_however_the_line_is_cut(
    line: list[ProcessingTask], stretch: int
) -> None:
    ask(tally.FORGET)
    assert are_right()
    cut_up(stretch)
    assert are_right()
    assert sum(stretches()) == 37


def test_a_stretch_holds_no_more_than_twice_its_measure(line: list[ProcessingTask]) -> None:
    *others, longest = sorted(stretches())
    assert longest == 7  # they were queued at one moment
    assert max(others) <= 4


def update(**changes: object) -> Callable[[list[ProcessingTask]], object]:
    return lambda tasks: ProcessingTask.objects.filter(pk__in=[t.pk for t in tasks[::5]]).update(
        **changes
    )


def claim_and_finish(tasks: list[ProcessingTask]) -> None:
    claims = Claims(uuid4(), lease=LEASE)
    claimed = claims.finish_and_claim([], 3)[1]
    claims.finish_and_claim([Ended(task) for task in claimed], 2)
    assert claims.finish([Ended(claimed[0])]) == set()


def claim_and_cancel_at_once(tasks: list[ProcessingTask]) -> None:
    with transaction.atomic():
        Claims(uuid4(), lease=LEASE).finish_and_claim([], 2)
        tasks[0].cancel()


def claim_nothing_and_cancel_at_once(tasks: list[ProcessingTask]) -> None:
    with transaction.atomic():
        claims = Claims(uuid4(), lease=LEASE, task_types=["hopeless"])
        assert claims.finish_and_claim([], 2)[1] == []
        tasks[0].cancel()


def fail_to_claim(tasks: list[ProcessingTask]) -> None:
    with transaction.atomic():
        Claims(uuid4(), lease=LEASE).finish_and_claim([], 2)
        transaction.set_rollback(True)
    tasks[0].cancel()


def let_a_twin_in(tasks: list[ProcessingTask]) -> None:
    subject, claims = uuid4(), Claims(uuid4(), lease=LEASE)
    enqueue("only", expert_id=subject, priority=9)
    claimed = claims.finish_and_claim([], 1)[1]
    enqueue("only", expert_id=subject)
    claims.finish_and_claim([Ended(task) for task in claimed], 1)


def fall_behind_and_fail(tasks: list[ProcessingTask]) -> None:
    [task] = Claims(uuid4(), lease=LEASE).finish_and_claim([], 1)[1]
    task.retry_or_fail("broken")
    ProcessingTask.objects.update(available_at=None)


WRITERS: list[Callable[[list[ProcessingTask]], object]] = [
    lambda tasks: enqueue("echo", priority=1),
    lambda tasks: enqueue("echo", priority=-5),
    lambda tasks: enqueue("echo", delay=60),
    lambda tasks: enqueue_many("echo", [{"priority": n % 5} for n in range(20)]),
    lambda tasks: tasks[7].cancel(),
    lambda tasks: tasks[7].run_next(),
    lambda tasks: drain(),
    lambda tasks: ProcessingTask.objects.filter(pk__in=[t.pk for t in tasks[:9]]).delete(),
    lambda tasks: ProcessingTask.objects.filter(turn=1).update(turn=F("turn") + 3),
    lambda tasks: ask("TRUNCATE processing_queue CASCADE"),
    update(priority=2),
    update(weight=100),
    update(available_at="2030-01-01T00:00:00Z"),
    update(agent_id="another"),
    update(status="failed", completed_at="2020-01-01T00:00:00Z"),
    claim_and_finish,
    claim_and_cancel_at_once,
    claim_nothing_and_cancel_at_once,
    fail_to_claim,
    let_a_twin_in,
    fall_behind_and_fail,
]


@pytest.mark.parametrize("write", WRITERS)
def test_whoever_writes_to_the_table_takes_part(
    line: list[ProcessingTask], write: Callable[[list[ProcessingTask]], object]
) -> None:
    write(line)
    assert are_right()
    cut_up()
    assert are_right()
    another = enqueue("echo", priority=1)
    assert are_right()
    assert another.queue_position


def test_the_line_is_counted_while_it_is_long() -> None:
    tasks = enqueue_many("echo", [{}] * 8)
    keep(many=9, stretch=2)
    assert stretches() == []
    keep(many=8, stretch=10)
    assert stretches() == [8]
    drained = [task.pk for task in tasks[:5]]
    ProcessingTask.objects.filter(pk__in=drained).delete()
    keep(many=8, stretch=2)
    assert stretches() == []
    assert are_right()


def test_what_has_been_added_is_noted_no_longer(line: list[ProcessingTask]) -> None:
    enqueue("echo", priority=7)
    assert ask("SELECT priority, tasks FROM processing_tally_change") == [(7, 1)]
    keep(many=1, stretch=2)
    assert ask("SELECT * FROM processing_tally_change") == []
    assert stretches()[0] == 1


def test_with_too_many_changes_the_line_is_counted_anew(line: list[ProcessingTask]) -> None:
    for _ in range(5):
        enqueue("echo")
    assert not keep(many=1, stretch=2, most=3)
    assert (stretches(), len(ask("SELECT tasks FROM processing_tally_change"))) == ([], 2)
    assert are_right()
    assert not keep(many=1, stretch=2, most=3)
    assert sum(stretches()) == 42
    assert are_right()


def test_an_empty_stretch_is_cleared_away(line: list[ProcessingTask]) -> None:
    ProcessingTask.objects.filter(priority=2).update(priority=1)
    keep(many=1, stretch=2)
    assert ask("SELECT * FROM processing_tally WHERE tasks = 0 OR priority = 2") == []


def test_a_page_of_positions_is_one_query_there_too(
    line: list[ProcessingTask], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        ProcessingTask.objects.positions([task.pk for task in line])


def test_a_position_reads_no_more_than_a_stretch_of_the_line() -> None:
    last = enqueue_many("echo", [{}] * 3000)[-1]
    ask(
        "UPDATE processing_queue SET queued_at = queued_at + number * interval '1 microsecond'"
        " FROM (SELECT id, row_number() OVER (ORDER BY id) AS number FROM processing_queue) AS n"
        " WHERE n.id = processing_queue.id"
    )
    ask("ANALYZE processing_queue")
    cut_up(100)
    seen = "SELECT idx_tup_fetch + seq_tup_read FROM pg_stat_xact_user_tables"
    seen += " WHERE relname = 'processing_queue'"
    [(before,)] = ask(seen)
    assert last.queue_position == 3000
    [(after,)] = ask(seen)
    assert int(str(after)) - int(str(before)) < 400


def test_the_count_of_what_is_queued_is_that_of_the_tally(line: list[ProcessingTask]) -> None:
    enqueue("echo")
    enqueue("echo", delay=60)
    assert queue_counts()["queued"] == 39
    ask("UPDATE processing_tally SET tasks = tasks + 100 WHERE priority = 1")
    assert queue_counts()["queued"] > 100


def test_a_tally_that_went_wrong_is_taken_anew(
    line: list[ProcessingTask], caplog: pytest.LogCaptureFixture
) -> None:
    ask("ALTER TABLE processing_queue DISABLE TRIGGER ALL")
    enqueue("echo")
    ask("ALTER TABLE processing_queue ENABLE TRIGGER ALL")
    assert not are_right()
    check()
    assert "was wrong" in caplog.text
    assert are_right()
    assert stretches() == []


def test_a_tally_that_is_right_stays(
    line: list[ProcessingTask], caplog: pytest.LogCaptureFixture
) -> None:
    before = stretches()
    enqueue("echo")
    check()
    assert stretches() == before
    assert caplog.text == ""


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """What the next looks will find: whether they came through. Empty when all were taken."""
    answers = [True]
    monkeypatch.setattr(tally, "keep", lambda **_: answers.pop())
    return answers


def test_a_worker_looks_when_it_has_claimed(looks: list[bool]) -> None:
    teller = Teller()
    teller.look(0)
    assert looks
    teller.look(1)
    assert not looks
    teller.look(1)


def test_a_worker_that_did_not_come_through_looks_again(looks: list[bool]) -> None:
    looks.append(False)
    teller = Teller()
    teller.look(1)
    teller.look(1)
    assert not looks


def test_a_worker_that_rests_looks_now_and_then(
    looks: list[bool], monkeypatch: pytest.MonkeyPatch
) -> None:
    teller = Teller()
    enqueue("echo")
    monkeypatch.setattr(tally, "REST", 0.0)
    teller.look(0)
    assert not looks


def test_where_nothing_moved_a_worker_that_rests_asks_no_more_than_that(
    looks: list[bool],
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    ask(tally.DISCARD % {"most": 1000})
    monkeypatch.setattr(tally, "REST", 0.0)
    with django_assert_num_queries(1):
        Teller().look(0)
    assert looks


def test_a_worker_checks_now_and_then(
    line: list[ProcessingTask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "MANY", 1)
    Teller().look(1)
    assert stretches()
    monkeypatch.setattr(tally, "CHECK_EVERY", 0.0)
    ask("UPDATE processing_tally SET tasks = tasks + 1 WHERE priority = 1")
    Teller().look(1)
    assert stretches() == []


@pytest.fixture
def elsewhere(transactional_db: None) -> psycopg.Connection[tuple[object, ...]]:
    """Another connection to the test database, in a transaction of its own."""
    parameters = connection.get_connection_params()
    names = "host", "port", "user", "dbname"
    return psycopg.connect(**{name: parameters[name] for name in names})


@pytest.mark.django_db(transaction=True)
def test_one_worker_at_a_time_moves_changes(
    elsewhere: psycopg.Connection[tuple[object, ...]],
) -> None:
    with elsewhere:
        elsewhere.execute("SELECT pg_advisory_xact_lock(%s)", [tally.LOCK])
        enqueue_many("echo", [{}] * 5)
        keep(many=1, stretch=2)
        assert stretches() == []
    keep(many=1, stretch=2)
    assert stretches() == [5]


@pytest.mark.django_db(transaction=True)
def test_what_commits_after_the_count_is_added_to_it(
    elsewhere: psycopg.Connection[tuple[object, ...]],
) -> None:
    enqueue_many("echo", [{}] * 5)
    with elsewhere:  # began before, and commits after
        elsewhere.execute("DELETE FROM processing_queue WHERE id = (SELECT min(id::text)::uuid"
                          " FROM processing_queue)")  # fmt: skip
        cut_up()
        assert are_right()
        assert sum(stretches()) == 5
    assert are_right()
    cut_up()
    assert sum(stretches()) == 4
