"""Telling live pages that an expert's progress moved."""

from functools import partial
from uuid import UUID

from django.db import connection, transaction

CHANNEL = "expert_progress"


def announce(expert_id: UUID) -> None:
    """Notify the web processes, after the commit.

    A NOTIFY inside the transaction would hold PostgreSQL's one notification lock through the
    commit's fsync and make all commits that notify wait for each other.
    """
    transaction.on_commit(partial(_notify, str(expert_id)))


def _notify(payload: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, payload])
