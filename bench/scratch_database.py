"""A database of a benchmark's own, on the server that the product uses."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def scratch_database(scratch: str) -> Iterator[None]:
    """Everything within is in the database `scratch`, migrated and empty; dropped at the end."""
    connection.settings_dict["TEST"]["NAME"] = scratch
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
