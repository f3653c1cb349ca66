"""Owners take turns, where the project wants it so."""

import pytest
from pytest_django import Settings

from queueing import enqueue, enqueue_many
from queueing.models import ProcessingTask
from queueing.testing import drain

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fair(settings: Settings) -> None:
    settings.QUEUEING = {"FAIR_BETWEEN_OWNERS": True}


def owners_in_order() -> list[str | None]:
    line = ProcessingTask.objects.ready().in_claim_order()
    return list(line.values_list("owner_id", flat=True))


def test_five_hundred_tasks_of_one_owner_delay_anothers_by_one() -> None:
    enqueue_many("echo", [{"owner_id": "alice"}] * 500)
    single = enqueue("echo", owner_id="bob")
    assert ProcessingTask.objects.positions([single.pk]) == {single.pk: 2}


def test_owners_take_turns_whoever_came_first() -> None:
    enqueue_many("echo", [{"owner_id": "alice"}] * 3)
    enqueue_many("echo", [{"owner_id": "bob"}] * 2)
    assert owners_in_order() == ["alice", "bob", "alice", "bob", "alice"]


def test_they_do_so_when_enqueueing_one_by_one() -> None:
    for owner in ("alice", "alice", "alice", "bob", "bob"):
        enqueue("echo", owner_id=owner)
    assert owners_in_order() == ["alice", "bob", "alice", "bob", "alice"]


def test_who_comes_later_makes_up_for_nothing() -> None:
    """Bob joins at the turn that is being served: no credit for the time when he was away."""
    enqueue_many("echo", [{"owner_id": "alice"}] * 4)
    served = list(ProcessingTask.objects.ready().in_claim_order()[:2])
    ProcessingTask.objects.filter(pk__in=[task.pk for task in served]).delete()
    enqueue_many("echo", [{"owner_id": "bob"}] * 3)
    assert owners_in_order() == ["alice", "bob", "alice", "bob", "bob"]


def test_priority_goes_before_fairness() -> None:
    enqueue_many("echo", [{"owner_id": "alice", "priority": 1}] * 2)
    enqueue("echo", owner_id="bob")
    assert owners_in_order() == ["alice", "alice", "bob"]


def test_a_requeued_task_takes_a_new_turn() -> None:
    failed = enqueue("hopeless", owner_id="alice")
    drain()
    enqueue_many("echo", [{"owner_id": "alice"}] * 2)
    enqueue("echo", owner_id="bob")
    failed.requeue()
    assert owners_in_order() == ["alice", "bob", "alice", "alice"]


def test_tasks_of_nobody_come_first_in_first_out() -> None:
    first, second = enqueue("echo"), enqueue("echo")
    assert drain() == [first, second]
    assert second.turn == 0


def test_without_the_setting_the_first_in_is_the_first_out(settings: Settings) -> None:
    settings.QUEUEING = {}
    enqueue_many("echo", [{"owner_id": "alice"}] * 2)
    enqueue("echo", owner_id="bob")
    assert owners_in_order() == ["alice", "alice", "bob"]
