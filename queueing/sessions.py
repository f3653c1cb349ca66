"""The database sessions of a worker process: few, long-lived, one for each of its threads."""

import threading
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg import IsolationLevel

from queueing.configuration import Configuration
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

# Bounds for what a forgotten lock or transaction can hold up.
SETTINGS = {
    "default_transaction_isolation": "read committed",
    "plan_cache_mode": "force_custom_plan",
    "statement_timeout": "0",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}

# Planning a claim takes longer than running it, so it is planned once a session. The planner
# may see an empty table then, and made claims take 158 ms on a full one while it was free to
# choose: here it may choose nothing but indexes, and loops over them.
PLANNED_ONCE = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
    "enable_sort": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
}


class _Thread(threading.local):
    """What the sessions of this thread are set to; unless it says otherwise, a handler's."""

    settings = SETTINGS


_thread = _Thread()


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
    # While DEBUG is on, Django keeps the last 9,000 statements, however large, for its own pages.
    BaseDatabaseWrapper.queries_limit = 0
    connection_created.connect(_configure, dispatch_uid="queueing.sessions")


def run_own_statements(settings: Configuration) -> None:
    """Fit this thread's sessions to the worker's own statements: few, short, always the same."""
    timeout = round(settings.statement_timeout.total_seconds() * 1000)
    # The planner thinks what PLANNED_ONCE leaves it so expensive that it would have it compiled,
    # which takes longer than to run it.
    _thread.settings = SETTINGS | {"statement_timeout": f"{timeout}ms", "jit": "off"}
    if settings.prepare_statements:
        _thread.settings |= PLANNED_ONCE


def _configure(connection: BaseDatabaseWrapper, **_: Any) -> None:
    if connection.alias != alias():
        return
    with connection.cursor() as cursor:
        for name, value in _thread.settings.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
