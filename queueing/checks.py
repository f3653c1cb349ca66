"""What `manage.py check` says about the queue's settings."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from queueing.configuration import configuration
from queueing.database import primary


def check_settings(*, app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether the database is PostgreSQL and the dictionary QUEUEING makes sense."""
    problems: list[CheckMessage] = []
    if primary().vendor != "postgresql":
        hint = "Route queueing's models to a PostgreSQL database (14 or newer)."
        problems.append(Error("The queue needs PostgreSQL.", hint=hint, id="queueing.E001"))
    try:
        settings = configuration()
    except ImproperlyConfigured as error:
        return [*problems, Error(str(error), id="queueing.E002")]
    if settings.renew_every * 2 > settings.lease:
        hint = "One renewal may get lost: let LEASE be at least twice RENEW_EVERY."
        problems.append(Error("Leases end too soon.", hint=hint, id="queueing.E003"))
    return problems
