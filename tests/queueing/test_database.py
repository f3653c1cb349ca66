"""What is sent often is planned once a session, where that is wanted."""

from collections.abc import Iterator

import pytest
from django.db import InterfaceError, OperationalError, connection
from pytest_django import Settings

from queueing.database import Session

pytestmark = pytest.mark.django_db

STATEMENT = "SELECT %(number)s::integer AS sent_often_by_this_test"


@pytest.fixture
def session() -> Iterator[Session]:
    """Over a connection from no pool, on which nothing was decided yet."""
    fresh = connection.copy()
    fresh.settings_dict["OPTIONS"].pop("pool", None)
    yield Session(fresh)
    fresh.close()


def prepared(session: Session) -> list[str]:
    with session.connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_the_second_time_it_is_planned_already(session: Session) -> None:
    assert session.execute(STATEMENT, {"number": 1}) == [(1,)]
    assert session.execute(STATEMENT, {"number": 2}) == [(2,)]
    assert len(prepared(session)) == 1


def test_an_answer_may_be_waited_for_later(session: Session) -> None:
    for number in (1, 2):
        session.ask(STATEMENT, {"number": number})
        assert session.answer() == [(number,)]
    assert len(prepared(session)) == 1


def test_where_nothing_was_asked_there_is_no_answer(session: Session) -> None:
    session.ask(STATEMENT, {"number": 1})
    session.answer()
    with pytest.raises(InterfaceError):
        session.answer()


def test_the_answer_of_a_session_that_was_cut_off_is_an_error(session: Session) -> None:
    session.ask("SELECT pg_terminate_backend(pg_backend_pid())", {})
    with pytest.raises(OperationalError):
        session.answer()


def test_nothing_is_prepared_behind_a_proxy_that_pools_transactions(
    session: Session, settings: Settings
) -> None:
    settings.QUEUEING = {"PREPARE_STATEMENTS": False}
    session.execute(STATEMENT, {"number": 1})
    assert prepared(session) == []


def test_the_projects_other_statements_are_not_prepared(session: Session) -> None:
    session.execute(STATEMENT, {"number": 1})
    with session.connection.cursor() as cursor:
        for _ in range(10):
            cursor.execute("SELECT 1")
    assert len(prepared(session)) == 1
