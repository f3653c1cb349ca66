"""What makes the tests' own server quick. One that DATABASE_URL names stays as it is."""

import os
from unittest.mock import patch

from django.db import connection

TEMPLATE = "test_template"
TURN = 1  # the number of an advisory lock
MADE_FOR = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"


def is_our_own() -> bool:
    return connection.settings_dict["ENGINE"] == "expertsite.embedded_postgres"


def let_commits_be_lost() -> None:
    """The server need not survive a power cut, which is what each commit waits for."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("ALTER SYSTEM SET fsync = off")
        cursor.execute("SELECT pg_reload_conf()")


def share_migrations() -> None:
    """Let the processes of a run copy what the first of them has migrated: 3 s for each.

    Each migrates its copy once more, to no effect, so a template left half made does no harm.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [TURN])
        cursor.execute(MADE_FOR, [TEMPLATE])
        if cursor.fetchone() != (run,):
            _make_template()
            cursor.execute(f"COMMENT ON DATABASE {TEMPLATE} IS '{run}'")
    connection.settings_dict["TEST"]["TEMPLATE"] = TEMPLATE


def _make_template() -> None:
    name = connection.settings_dict["NAME"]
    with patch.dict(connection.settings_dict["TEST"], NAME=TEMPLATE):
        connection.creation.create_test_db(verbosity=0, autoclobber=True)
        connection.creation.destroy_test_db(name, verbosity=0, keepdb=True)
    connection.close_pool()  # a template must have no visitors
