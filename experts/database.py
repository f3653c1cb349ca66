"""Reaching the database past Django, for what its connections cannot do."""

from typing import Any

from django.db import connection


def connection_parameters() -> dict[str, Any]:
    """How psycopg itself connects to Django's database; a dead server is noticed in a minute."""
    parameters = connection.get_connection_params()
    own = ("context", "cursor_factory")  # Django's, for connections that block
    keepalives = {"keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
    return keepalives | {key: value for key, value in parameters.items() if key not in own}
