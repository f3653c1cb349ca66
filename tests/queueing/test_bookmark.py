"""Looking on from the last claim while the front of the line is slow to look at."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from queueing import enqueue
from queueing.bookmark import IN_VAIN, REST, SLOW, SURE, Bookmark, Mark
from queueing.claiming import Claims, as_parameters, claim_statement
from queueing.models import ProcessingTask
from tests.queueing.conftest import Clock
from tests.queueing.test_claim_plan import fill_the_table, worker_session

__all__ = ["worker_session"]

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("queueing.bookmark.monotonic", clock)
    return clock


class Kept(Bookmark):
    """One that stays where it was put."""

    def __init__(self, mark: Mark) -> None:
        super().__init__()
        self.kept = mark

    @property
    def mark(self) -> Mark:
        return self.kept


def mark_of(task: ProcessingTask) -> Mark:
    return Mark(task.priority, task.turn, task.queued_at, task.pk)


def slow_looks(bookmark: Bookmark, task: ProcessingTask, count: int = SURE) -> None:
    for _ in range(count):
        bookmark.looked(2 * SLOW, mark_of(task), mark=None)


def claim_from(mark: Mark) -> list[ProcessingTask]:
    return Claims(uuid4(), lease=LEASE, bookmark=Kept(mark)).finish_and_claim([], 1)[1]


def test_it_is_used_once_the_front_has_been_slow_for_a_few_looks(clock: Clock) -> None:
    bookmark, task = Bookmark(), enqueue("echo")
    slow_looks(bookmark, task, SURE - 1)
    assert bookmark.mark is None
    slow_looks(bookmark, task, 1)
    assert bookmark.mark == mark_of(task)


def test_a_tenth_of_the_time_it_looks_from_the_front(clock: Clock) -> None:
    bookmark, task = Bookmark(), enqueue("echo")
    slow_looks(bookmark, task)
    clock.now += REST * 2 * SLOW
    assert bookmark.mark is None


def test_where_it_does_not_help_it_is_not_used_for_a_while(clock: Clock) -> None:
    bookmark, task = Bookmark(), enqueue("echo")
    slow_looks(bookmark, task)
    for _ in range(3):
        bookmark.looked(2 * SLOW, mark_of(task), mark=mark_of(task))
    slow_looks(bookmark, task)
    assert bookmark.mark is None
    clock.now += IN_VAIN
    slow_looks(bookmark, task)
    assert bookmark.mark == mark_of(task)


def test_a_slow_look_from_it_among_quick_ones_says_nothing(clock: Clock) -> None:
    bookmark, task = Bookmark(), enqueue("echo")
    slow_looks(bookmark, task)
    for took in (9 * SLOW, SLOW / 9, 9 * SLOW):
        bookmark.looked(took, mark_of(task), mark=mark_of(task))
    slow_looks(bookmark, task, 1)
    assert bookmark.mark == mark_of(task)


def test_a_quick_front_forgets_it(clock: Clock) -> None:
    bookmark, task = Bookmark(), enqueue("echo")
    slow_looks(bookmark, task)
    bookmark.looked(SLOW / 2, mark_of(task), mark=None)
    assert bookmark.mark is None


def test_a_claim_goes_on_at_the_mark() -> None:
    _, second, third = [enqueue("echo") for _ in range(3)]
    assert claim_from(mark_of(second)) == [second]
    assert claim_from(mark_of(second)) == [third]


def test_where_nothing_is_left_behind_the_mark_it_looks_from_the_front() -> None:
    first, second = enqueue("echo"), enqueue("echo")
    urgent = enqueue("echo", priority=1)
    assert claim_from(mark_of(second)) == [second]
    assert claim_from(mark_of(second)) == [urgent]
    assert claim_from(mark_of(second)) == [first]


def test_the_scan_begins_at_the_mark(worker_session: None) -> None:
    fill_the_table()
    last = ProcessingTask.objects.ready().in_claim_order().last()
    assert last
    seen = plan_from(mark_of(last))
    assert "Index Scan using task_claim_order" in seen
    assert "ROW(turn, queued_at, id) >= " in seen
    assert "Rows Removed" not in seen


def plan_from(mark: Mark) -> str:
    parameters = {"after_twin": None, "worker": uuid4(), "lease": LEASE}
    parameters |= as_parameters([]) | mark._asdict()
    with connection.cursor() as cursor:
        statement = f"EXPLAIN (ANALYZE) {claim_statement([], 1, from_mark=True)}"
        cursor.execute(statement, parameters)
        return "\n".join(line for (line,) in cursor.fetchall())
