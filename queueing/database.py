"""The database that holds the queue."""

from contextlib import AbstractContextManager
from typing import Any

from django.apps import apps
from django.db import connections, router, transaction
from django.db.backends.base.base import BaseDatabaseWrapper


def alias() -> str:
    """The alias that the project's routers write tasks to."""
    return router.db_for_write(apps.get_model("queueing", "ProcessingTask"))


def primary() -> BaseDatabaseWrapper:
    """This thread's connection to the queue: never a replica, for a replica lags behind."""
    return connections[alias()]


def atomic() -> AbstractContextManager[Any]:
    """A transaction, or a savepoint of the caller's."""
    return transaction.atomic(using=alias())
