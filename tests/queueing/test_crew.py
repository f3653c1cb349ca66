"""Which thread runs what, and when."""

import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from queueing import crew as crews
from queueing.crew import Crew
from queueing.hold import FOREVER
from queueing.models import ProcessingTask
from queueing.runner import Ended
from tests.queueing.conftest import eventually


class Runs:
    """In place of running tasks: notes who runs which, and lets those of `slow` wait."""

    def __init__(self) -> None:
        self.threads: dict[ProcessingTask, threading.Thread] = {}
        self.slow: set[ProcessingTask] = set()
        self.gate = threading.Event()

    def __call__(self, task: ProcessingTask) -> Ended:
        self.threads[task] = threading.current_thread()
        if task in self.slow:
            self.gate.wait(20)
        return Ended(task)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    runs = Runs()
    monkeypatch.setattr(crews, "_run", runs)
    return runs


@pytest.fixture
def crew_of(runs: Runs) -> Iterator[Callable[..., Crew]]:
    made: list[Crew] = []

    def make(size: int, advance: Callable[[], None] = lambda: None) -> Crew:
        made.append(Crew(size, advance))
        return made[-1]

    yield make
    runs.gate.set()
    assert all(crew.dismiss(timeout=20) for crew in made)


def tasks(count: int) -> list[ProcessingTask]:
    return [ProcessingTask(task_type="echo") for _ in range(count)]


def test_one_thread_runs_those_that_start_together_and_reports_them_together(
    crew_of: Callable[..., Crew], runs: Runs
) -> None:
    advances: list[tuple[bool, bool]] = []
    three = tasks(3)
    crew = crew_of(3, lambda: advances.append((crew.is_gathering, crew.is_half_through)))
    crew.start(three)
    crew.call()
    eventually(lambda: len(advances) == 3)
    assert advances == [(True, False), (True, True), (False, True)]
    assert [report.task for report in crew.reports()] == three
    assert len({runs.threads[task] for task in three}) == 1


@pytest.mark.parametrize(("quick", "is_put_off"), [(20, True), (0, False)])
def test_quick_tasks_put_the_others_off(
    crew_of: Callable[..., Crew], monkeypatch: pytest.MonkeyPatch, quick: float, is_put_off: bool
) -> None:
    monkeypatch.setattr(crews, "QUICK", quick)
    times: list[float] = []
    crew = crew_of(2, lambda: times.append(crew.hurry_at))
    crew.start(tasks(2))
    at_first = crew.hurry_at
    crew.call()
    eventually(lambda: len(times) == 2)
    assert (times[0] > at_first) == is_put_off


def test_what_comes_next_is_run_by_the_thread_that_became_free(
    crew_of: Callable[..., Crew], runs: Runs
) -> None:
    first, second = tasks(2)
    coming = [second]

    def advance() -> None:
        while coming:
            crew.start([coming.pop()])

    crew = crew_of(2, advance)
    crew.start([first])
    crew.call()
    eventually(lambda: second in runs.threads)
    assert runs.threads[first] is runs.threads[second]


def test_others_begin_what_waits_behind_a_slow_one(
    crew_of: Callable[..., Crew], runs: Runs
) -> None:
    slow, quick = tasks(2)
    runs.slow = {slow}
    crew = crew_of(2)
    crew.start([slow, quick])
    crew.call()
    eventually(lambda: slow in runs.threads)
    assert crew.hurry_at <= monotonic() + crews.GATHER
    crew.hurry()
    eventually(lambda: quick in runs.threads)
    assert crew.hurry_at == FOREVER


def test_what_is_held_back_is_not_begun(crew_of: Callable[..., Crew], runs: Runs) -> None:
    slow, held_back = tasks(2)
    runs.slow = {slow}
    crew = crew_of(2)
    crew.start([slow, held_back])
    crew.call()
    eventually(lambda: slow in runs.threads)
    crew.hold_back()
    crew.hurry()
    runs.gate.set()
    eventually(lambda: crew.has_reports)
    assert crew.dismiss(timeout=20)
    assert held_back not in runs.threads


def test_a_task_that_is_given_up_is_not_reported_and_its_place_is_taken(
    crew_of: Callable[..., Crew], runs: Runs
) -> None:
    slow, later = tasks(2)
    runs.slow = {slow}
    crew = crew_of(1)
    crew.start([slow])
    crew.call()
    eventually(lambda: slow in runs.threads)
    crew.give_up(slow)
    crew.start([later])
    crew.call()
    eventually(lambda: crew.has_reports)
    runs.gate.set()
    eventually(lambda: not runs.threads[slow].is_alive())
    assert [report.task for report in crew.reports()] == [later]


def test_giving_up_what_has_just_ended_harms_nobody(
    crew_of: Callable[..., Crew], runs: Runs
) -> None:
    first, second = tasks(2)
    crew = crew_of(1)
    crew.start([first])
    crew.call()
    eventually(lambda: crew.has_reports)
    crew.give_up(first)
    crew.start([second])
    crew.call()
    eventually(lambda: second in runs.threads)
    assert runs.threads[first] is runs.threads[second]
