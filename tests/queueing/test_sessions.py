"""What a worker's connections to the database are set to."""

import os
import subprocess
import sys

from psycopg.conninfo import make_conninfo

from experts.database import connection_parameters
from tests.shell.processes import PROJECT

KEPT = """
import threading
import django
django.setup()
from django.conf import settings
from django.db import connection
from queueing.sessions import prepare_worker_sessions

def ask():
    connection.cursor().execute("SELECT %s", ["x" * 1_000_000])
    print(settings.DEBUG, len(connection.queries_log))

prepare_worker_sessions()
handler = threading.Thread(target=ask)
handler.start()
handler.join()
"""
KEYS = ("host", "port", "user", "password", "dbname")


def test_in_development_they_do_not_keep_what_was_sent(db: None) -> None:
    parameters = connection_parameters()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": make_conninfo(**{key: parameters.get(key) for key in KEYS}),
    }
    said = subprocess.run(
        [sys.executable, "-c", KEPT], cwd=PROJECT, env=environment, capture_output=True, text=True
    )
    assert said.stdout.split() == ["True", "0"], said.stderr
