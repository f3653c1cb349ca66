"""The project's `QUEUEING` setting: a dictionary of these names in capitals, all optional."""

from dataclasses import dataclass, fields
from datetime import timedelta
from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """Defaults, and what each is for. Durations are timedeltas."""

    lease: timedelta = timedelta(seconds=60)  # a claim holds this long without a renewal
    renew_every: timedelta = timedelta(seconds=15)
    heartbeat: timedelta = timedelta(seconds=3)
    silence: timedelta = timedelta(seconds=6)  # no heartbeat this long makes a worker suspect
    second_look: timedelta = timedelta(seconds=2)  # between two looks at a suspect
    server_settling: timedelta = timedelta(seconds=15)  # after its start no worker is suspect
    poll_interval: timedelta = timedelta(seconds=2)
    grace_period: timedelta = timedelta(seconds=25)  # a task in hand may finish after SIGTERM
    checkpoint_every: timedelta = timedelta(seconds=1)  # at most one look at the database
    retry_base: timedelta = timedelta(seconds=5)
    retry_cap: timedelta = timedelta(minutes=10)
    time_limit: timedelta | None = timedelta(hours=1)  # of one attempt, unless its handler says
    promote_batch: int = 1000  # due tasks brought into the line at a time
    statement_timeout: timedelta = timedelta(seconds=30)  # of the worker's own statements
    fair_between_owners: bool = False  # else strictly first in, first out
    prepare_statements: bool = True  # False behind a proxy that pools transactions; 2 x slower
    keep_finished: timedelta | None = timedelta(days=30)  # then workers prune; None keeps all
    prune_every: timedelta = timedelta(minutes=10)
    prune_batch: int = 1000
    worker_version: str = ""  # shown beside each worker: the release that it runs


@cache
def configuration() -> Configuration:
    """Raises ImproperlyConfigured for an unknown name."""
    chosen = {name.lower(): value for name, value in getattr(settings, "QUEUEING", {}).items()}
    unknown = chosen.keys() - {field.name for field in fields(Configuration)}
    if unknown:
        raise ImproperlyConfigured(
            f"QUEUEING has no setting {', '.join(sorted(unknown)).upper()};"
            f" it knows {', '.join(field.name.upper() for field in fields(Configuration))}."
        )
    return Configuration(**chosen)


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "QUEUEING":  # overridden in a test
        configuration.cache_clear()


setting_changed.connect(_forget)
