"""When a worker looks for new tasks."""

from datetime import timedelta

import pytest

from queueing import lookout as lookouts
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


def test_a_look_that_failed_is_still_due(lookout: Lookout) -> None:
    lookout.call()
    assert lookout.is_due()
    assert lookout.is_due()
