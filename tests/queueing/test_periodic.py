"""Tasks that come round by themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from unittest.mock import patch

import pytest

from queueing import periodic
from queueing.handlers import handlers
from queueing.models import ProcessingTask
from queueing.periodic import Calendar

pytestmark = pytest.mark.django_db


class Clock:
    """Stands still until it is told."""

    now = 1_700_000_000.0

    def time(self) -> float:
        return self.now

    monotonic = time


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(periodic, "time", clock)
    return clock


@pytest.fixture(autouse=True)
def daily() -> Iterator[None]:
    """One type of the project comes round each day."""
    name, known = next(iter(handlers.items()))
    with patch.dict(handlers, {name: replace(known, every=timedelta(days=1))}):
        yield


def at_home(clock: Clock) -> Calendar:
    """A worker that has been up for long enough."""
    calendar = Calendar()
    clock.now += 61
    return calendar


def test_each_day_has_one_task_however_many_workers_look(clock: Clock) -> None:
    for _ in range(3):
        calendar = at_home(clock)
        calendar.look()
        calendar.look()
    assert ProcessingTask.objects.count() == 1
    clock.now += 86_400
    calendar.look()
    assert ProcessingTask.objects.count() == 2


def test_it_stands_behind_everybody_s_work(clock: Clock) -> None:
    at_home(clock).look()
    assert ProcessingTask.objects.get().priority < 0


def test_a_worker_that_leaves_soon_does_not_look(clock: Clock) -> None:
    Calendar().look()
    assert not ProcessingTask.objects.exists()


def test_nothing_comes_round_without_being_told_to(clock: Clock) -> None:
    at_home(clock).look()
    assert {task.task_type for task in ProcessingTask.objects.all()} == {next(iter(handlers))}
