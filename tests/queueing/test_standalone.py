"""`queueing` alone, in the smallest project there can be."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.db import connection
from psycopg import sql

import queueing
from tests.queueing.conftest import environment


@pytest.fixture
def empty_database(transactional_db: None) -> Iterator[str]:
    parameters = connection.get_connection_params() | {"dbname": "postgres", "autocommit": True}
    chosen = f"{connection.settings_dict['NAME']}_standalone"  # others may be testing beside us
    name = sql.Identifier(chosen)
    with psycopg.connect(**parameters) as session:
        session.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
        session.execute(sql.SQL("CREATE DATABASE {}").format(name))
        yield chosen
        session.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


def manage(*arguments: str, database: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", *arguments],
        env=environment("settings", database=database),
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_it_migrates_runs_and_reports_without_any_other_app(empty_database: str) -> None:
    enqueue = "from queueing import enqueue; enqueue('echo', task_data={'n': 1})"
    manage("migrate", database=empty_database)
    manage("shell", "--no-imports", "-c", enqueue, database=empty_database)
    said = manage("run_queue_worker", "--burst", database=empty_database)
    assert "completed in" in said
    assert "completed            1" in manage("queue_status", database=empty_database)


def test_its_migrations_are_complete_and_can_be_taken_back(empty_database: str) -> None:
    said = manage("makemigrations", "queueing", "--check", "--dry-run", database=empty_database)
    assert "No changes detected" in said
    manage("migrate", database=empty_database)
    manage("migrate", "queueing", "zero", database=empty_database)


def test_it_says_no_word_of_those_who_use_it() -> None:
    package = Path(queueing.__file__).parent
    guilty = [
        path.name
        for path in package.rglob("*.py")
        if "from experts" in path.read_text() or "import experts" in path.read_text()
    ]
    assert guilty == []
