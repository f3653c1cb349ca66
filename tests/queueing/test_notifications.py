"""Idle workers hear of new work after its commit, and not more often than they need."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from queueing import enqueue, notifications

Ears = psycopg.Connection[Any]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ears() -> Iterator[Ears]:
    with psycopg.connect(**connection.get_connection_params(), autocommit=True) as session:
        session.execute(f"LISTEN {notifications.CHANNEL}")
        yield session


@pytest.fixture(autouse=True)
def _nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "_sent_at", float("-inf"))


def heard(ears: Ears, *, seconds: float = 0.3) -> int:
    return len(list(ears.notifies(timeout=seconds)))


def test_it_is_sent_after_the_commit(ears: Ears) -> None:
    with transaction.atomic():
        enqueue("echo")
        assert heard(ears) == 0
    assert heard(ears) == 1


def test_it_is_not_sent_when_the_transaction_is_rolled_back(
    ears: Ears,
) -> None:
    with transaction.atomic():
        enqueue("echo")
        transaction.set_rollback(True)
    assert heard(ears) == 0


def test_it_is_sent_once_for_a_transaction(ears: Ears) -> None:
    with transaction.atomic():
        for _ in range(10):
            enqueue("echo")
    assert heard(ears) == 1


def test_a_rolled_back_savepoint_does_not_take_the_outer_one_along(
    ears: Ears,
) -> None:
    with transaction.atomic():
        with transaction.atomic():
            enqueue("echo")
            transaction.set_rollback(True)
        enqueue("echo")
    assert heard(ears) == 1


def test_many_commits_in_a_row_send_few(ears: Ears, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notifications, "INTERVAL", 60)
    for _ in range(10):
        enqueue("echo")
    assert heard(ears) == 1
