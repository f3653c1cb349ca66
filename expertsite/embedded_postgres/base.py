"""A database backend that brings its own server.

Subclasses Django's PostgreSQL backend and starts the embedded server when the first
connection is made, so that every command, page and test simply works. `DATA_DIR` in the
database's settings names the directory.
"""

from functools import cache
from pathlib import Path
from typing import Any

from django.db.backends.postgresql import base

from expertsite.embedded_postgres.server import EmbeddedPostgres


@cache
def server_in(directory: Path) -> EmbeddedPostgres:
    """One object, and so one membership, per process and directory."""
    return EmbeddedPostgres(directory)


@cache
def database_in(directory: Path, name: str) -> None:
    """Make sure, once a process, that the database is there."""
    server_in(directory).create_missing(name)


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with the host and the user filled in by the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        directory = Path(self.settings_dict["DATA_DIR"])
        parameters = super().get_connection_params() | server_in(directory).join()
        if self.settings_dict["NAME"]:  # None when Django itself creates and drops databases
            database_in(directory, self.settings_dict["NAME"])
        return parameters
