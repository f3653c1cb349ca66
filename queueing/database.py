"""The database that holds the queue."""

import sys
import threading
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import django.db
import psycopg
from django.apps import apps
from django.conf import settings
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model
from psycopg.types.datetime import TimestamptzLoader

from queueing.configuration import configuration


def alias() -> str:
    """The alias that the project's routers write tasks to."""
    return router.db_for_write(_task_model())


@cache
def _task_model() -> type[Model]:
    return apps.get_model("queueing", "ProcessingTask")


def primary() -> BaseDatabaseWrapper:
    """This thread's connection to the queue: never a replica, for a replica lags behind."""
    return connections[alias()]


def atomic() -> AbstractContextManager[Any]:
    """A transaction, or a savepoint of the caller's."""
    return transaction.atomic(using=alias())


# Times a statement is sent before psycopg prepares it by itself. Django's choice of None rules
# preparing out altogether, even where it is asked for.
ONLY_IF_ASKED = sys.maxsize


class Session:
    """A connection over which the same few statements are sent again and again.

    Django's cursor writes the parameters into the statement, so that PostgreSQL parses and
    plans it each time: half of what a claim took, and a third of a single enqueue.
    """

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.connection = connection
        self._cursor: psycopg.Cursor[Any] | None = None
        self._coming: Generator[Any, Any, None] | None = None

    def execute(self, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """The rows of a statement, planned once a session, whatever becomes of the tables.

        Raises django.db.Error.
        """
        cursor = self._cursor_in_order()
        prepare = cursor.connection.prepare_threshold is not None
        with self.connection.wrap_database_errors:
            return cursor.execute(statement, parameters, prepare=prepare).fetchall()

    def ask(self, statement: str, parameters: Mapping[str, Any]) -> None:
        """Send a statement, planned once a session, and let `answer` wait for its rows.

        Nothing else may be sent before that. Raises django.db.Error.
        """
        cursor = self._cursor_in_order()
        prepare = cursor.connection.prepare_threshold is not None
        # What psycopg's `execute` does in one go, for it has no public way to do something else
        # meanwhile: up to the first wait for the server here, the rest in `answer`.
        steps = cursor._execute_gen(statement, parameters, prepare=prepare)
        with self.connection.wrap_database_errors:
            next(steps, None)
        self._coming = steps

    def answer(self) -> list[tuple[Any, ...]]:
        """The rows of the statement that was sent last. Raises django.db.Error."""
        cursor, steps = self._cursor, self._coming
        if cursor is None or steps is None:
            raise django.db.InterfaceError("Nothing was asked.")
        self._coming = None
        with self.connection.wrap_database_errors:
            cursor.connection.wait(steps)
            return cursor.fetchall()

    def _cursor_in_order(self) -> "psycopg.Cursor[Any]":
        self.connection.ensure_connection()
        self.connection.validate_no_broken_transaction()
        return self._cursor_on(self.connection.connection)

    def _cursor_on(self, connection: "psycopg.Connection[Any]") -> "psycopg.Cursor[Any]":
        """One until it reconnects, where it can with psycopg's own loader of times, in C."""
        cursor = self._cursor
        if cursor is None or cursor.connection is not connection:
            self._cursor = cursor = psycopg.Cursor(connection)
            if settings.USE_TZ:
                cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
            if configuration().prepare_statements and connection.prepare_threshold is None:
                connection.prepare_threshold = ONLY_IF_ASKED
        return cursor


class _Own(threading.local):
    """Each thread's own, as Django's connections are."""

    session: Session | None = None


_own = _Own()


def own_session() -> Session:
    """This thread's."""
    connection, session = primary(), _own.session
    if session is None or session.connection is not connection:
        _own.session = session = Session(connection)
    return session
