"""What a load balancer and an operator ask: does it run, can it work?"""

import logging
from typing import Any

import psycopg
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from experts.database import connection_parameters
from queueing import status

logger = logging.getLogger(__name__)

QUEUE_HEALTH = ("workers_online", "oldest_wait_seconds", "paused")
PATIENCE = 3  # seconds; a probe that hangs is worth less than one that says no


@require_safe
@never_cache
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"success": True, "status": "alive"})


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """200 when requests can be served. No worker is a fact to show, not a reason to be shut out."""
    found = findings()
    ready = found["database"] == "ok" and found["migrations"] == "ok"
    word = "ready" if ready else "not ready"
    return JsonResponse({"success": ready, "status": word, **found}, status=200 if ready else 503)


def findings() -> dict[str, Any]:
    unknown = {"migrations": "unknown", **dict.fromkeys(QUEUE_HEALTH)}
    try:
        knock()
        unapplied = unapplied_migrations()
        if unapplied:
            missing = f"{unapplied} not applied: run `manage.py migrate`"
            return {"database": "ok", **unknown, "migrations": missing}
        return {"database": "ok", "migrations": "ok", **queue_health()}
    except (DatabaseError, psycopg.Error) as error:
        logger.warning("Not ready: %s", error)  # in full here only: anybody may ask
        return {"database": "away", **unknown}


def queue_health() -> dict[str, Any]:
    """What an operator is woken for: nobody works, or somebody waits too long."""
    health = (status.workers_online(), status.oldest_wait_seconds(), status.is_paused())
    return dict(zip(QUEUE_HEALTH, health, strict=True))


def knock() -> None:
    """Ask past the pool, which would wait much longer for a server that is away."""
    with psycopg.connect(**connection_parameters(), connect_timeout=PATIENCE) as direct:
        direct.execute("SELECT 1")


def unapplied_migrations() -> int:
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
