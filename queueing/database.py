"""The database that holds the queue."""

import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

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


class _Session(threading.local):
    """Each thread's own, as Django's connections are."""

    cursor: "psycopg.Cursor[Any] | None" = None


_session = _Session()


def execute_prepared(statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Rows of a statement that is sent often, planned once a session.

    Django's cursor writes the parameters into the statement, which makes PostgreSQL parse and
    plan it each time: a third of what a single enqueue took. Raises django.db.Error.
    """
    connection = primary()
    connection.ensure_connection()
    connection.validate_no_broken_transaction()
    prepare = configuration().prepare_statements or None
    with connection.wrap_database_errors:
        cursor = _cursor(connection.connection)
        return cursor.execute(statement, parameters, prepare=prepare).fetchall()


def _cursor(connection: "psycopg.Connection[Any]") -> "psycopg.Cursor[Any]":
    """One for the whole session, where it can with psycopg's own loader of times, in C."""
    cursor = _session.cursor
    if cursor is None or cursor.connection is not connection:
        _session.cursor = cursor = psycopg.Cursor(connection)
        if settings.USE_TZ:
            cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor
