"""A database backend that brings its own server.

Subclasses Django's PostgreSQL backend and starts the embedded server when the first
connection is made, so that every command, page and test simply works. `DATA_DIR` in the
database's settings names the directory.
"""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base
from psycopg import sql

from expertsite.embedded_postgres.cluster import EmbeddedPostgresError
from expertsite.embedded_postgres.server import EmbeddedPostgres


@cache
def server_in(directory: Path) -> EmbeddedPostgres:
    """One object, and so one membership, per process and directory."""
    return EmbeddedPostgres(directory)


@cache
def database_in(directory: Path, name: str) -> None:
    """Create the database unless it exists; asked once a process."""
    with psycopg.connect(
        dbname="postgres", autocommit=True, **server_in(directory).join()
    ) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if known.fetchone() is None:
            with suppress(psycopg.errors.DuplicateDatabase):  # another process was faster
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper, with the host and the user filled in by the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        directory = Path(self.settings_dict["DATA_DIR"])
        try:
            parameters = super().get_connection_params() | server_in(directory).join()
        except EmbeddedPostgresError as error:
            raise OperationalError(str(error)) from error
        if self.settings_dict["NAME"]:  # None when Django itself creates and drops databases
            database_in(directory, self.settings_dict["NAME"])
        return parameters
