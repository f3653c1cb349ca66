"""When a worker looks for new tasks."""

from datetime import timedelta

import pytest

from queueing import lookout as lookouts
from queueing.bookmark import REST, SLOW
from queueing.lookout import Lookout
from queueing.notifications import LOOK_AGAIN
from tests.queueing.conftest import Clock


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(lookouts, "monotonic", clock)
    return clock


@pytest.fixture
def lookout(clock: Clock) -> Lookout:
    """One that has just looked; the next look is 2 s away."""
    lookout = Lookout(timedelta(seconds=2))
    lookout.looked()
    return lookout


def test_it_polls(lookout: Lookout, clock: Clock) -> None:
    assert not lookout.is_due()
    clock.now += 2
    assert lookout.is_due()


def test_a_call_is_answered_at_once_and_once_more_shortly_after(
    lookout: Lookout, clock: Clock
) -> None:
    lookout.call()
    assert lookout.is_due()
    lookout.looked()
    assert not lookout.is_due()
    assert lookout.at == clock.now + LOOK_AGAIN


def test_a_look_in_vain_that_took_long_is_followed_by_a_rest(
    lookout: Lookout, clock: Clock
) -> None:
    lookout.looked(in_vain=10 * SLOW)
    lookout.call()
    assert not lookout.is_due()
    clock.now += REST * 10 * SLOW
    assert lookout.is_due()


def test_the_rest_is_no_longer_than_the_polls(lookout: Lookout, clock: Clock) -> None:
    lookout.looked(in_vain=60)
    lookout.call()
    clock.now += 2
    assert lookout.is_due()


def test_room_for_the_next_task_ends_the_rest(lookout: Lookout) -> None:
    lookout.looked(in_vain=60)
    lookout.look_now()
    assert lookout.is_due()


def test_a_quick_look_in_vain_costs_no_rest(lookout: Lookout) -> None:
    lookout.looked(in_vain=SLOW / 2)
    lookout.call()
    assert lookout.is_due()


def test_a_look_that_failed_is_still_due(lookout: Lookout) -> None:
    lookout.call()
    assert lookout.is_due()
    assert lookout.is_due()
