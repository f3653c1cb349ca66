"""The database sessions of a worker process: few, long-lived, one for each of its threads."""

import threading
from datetime import timedelta
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg import IsolationLevel

from queueing.database import alias

APPLICATION = "queue worker"  # as pg_stat_activity shows it

# A host that vanished is noticed within half a minute, by libpq's own probes.
KEEPALIVES = {
    "keepalives": 1,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
    "tcp_user_timeout": 30_000,  # milliseconds
    "connect_timeout": 5,  # seconds
    "application_name": APPLICATION,
}

# A plan that was prepared on an empty table made claims take 158 ms on a full one, hence no
# generic plans; the rest bounds what a forgotten lock or transaction can hold up.
SETTINGS = {
    "default_transaction_isolation": "read committed",
    "plan_cache_mode": "force_custom_plan",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}

_own = threading.local()


def prepare_worker_sessions() -> None:
    """Fit this process's connections to the queue's database to long-lived threads.

    Called before the first connection is made. A pool is left out: every thread keeps one
    connection for as long as it lives, and an advisory lock belongs to its session.
    """
    settings = connections.settings[alias()]
    options = {name: value for name, value in settings["OPTIONS"].items() if name != "pool"}
    settings["OPTIONS"] = {
        **KEEPALIVES,
        **options,
        "isolation_level": IsolationLevel.READ_COMMITTED,
    }
    settings["CONN_MAX_AGE"] = None
    connection_created.connect(_configure, dispatch_uid="queueing.sessions")


def limit_statements(timeout: timedelta) -> None:
    """Bound the statements of this thread, which runs the worker's own, not a handler's."""
    _own.statement_timeout = f"{round(timeout.total_seconds() * 1000)}ms"


def _configure(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias != alias():
        return
    settings = SETTINGS | {"statement_timeout": getattr(_own, "statement_timeout", "0")}
    with connection.cursor() as cursor:
        for name, value in settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
