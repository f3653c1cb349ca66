"""A claim reads a few rows of 50,000, whatever the planner knew when it was planned."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from psycopg import sql

from queueing import enqueue
from queueing.claiming import Claims, as_parameters, claim_statement
from queueing.models import ProcessingTask
from queueing.rows import columns
from queueing.runner import Ended
from queueing.sessions import PLANNED_ONCE

pytestmark = pytest.mark.django_db

LEASE = timedelta(minutes=1)
MANY = 25_000
FEW = 50  # rows; a claim passes those that this transaction has claimed before it


@pytest.fixture
def worker_session(db: None) -> Iterator[None]:
    """Let this test's session be set as those of workers are."""
    with connection.cursor() as cursor:
        for name, value in PLANNED_ONCE.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
    before, connection.connection.prepare_threshold = connection.connection.prepare_threshold, 0
    yield
    connection.connection.prepare_threshold = before


def multiply(task: ProcessingTask) -> None:
    """Many more like it."""
    names = [sql.Identifier(name) for name in columns() if name != "id"]
    statement = sql.SQL(
        "INSERT INTO processing_queue (id, {names}) SELECT gen_random_uuid(), {names}"
        " FROM processing_queue, generate_series(1, %s) WHERE id = %s"
    ).format(names=sql.SQL(", ").join(names))
    with connection.cursor() as cursor:
        cursor.execute(statement, [MANY, task.pk])


def fill_the_table() -> None:
    """With a long line, and as many urgent tasks that wait for their time."""
    multiply(enqueue("echo"))
    multiply(enqueue("echo", delay=600, priority=9))


def let_it_seem_empty() -> None:
    """To the planner, as after a vacuum of the table while nothing was in it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE pg_class SET relpages = 1, reltuples = 0 WHERE oid IN ("
            " SELECT indexrelid FROM pg_index WHERE indrelid = 'processing_queue'::regclass"
            " UNION SELECT 'processing_queue'::regclass)"
        )


def rows_read() -> int:
    """Of the table, in this transaction, by scans of every kind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables"
            " WHERE relname = 'processing_queue'"
        )
        return int(cursor.fetchone()[0])


def rows_of_a_claim(claims: Claims, ended: Sequence[Ended] = ()) -> int:
    before = rows_read()
    [_] = claims.finish_and_claim(ended, 1)[1]
    return rows_read() - before


def plan(*, analyze: bool = False) -> str:
    """How PostgreSQL runs a claim of one."""
    parameters: dict[str, Any] = {"after_twin": None, "worker": uuid4(), "lease": LEASE}
    with connection.cursor() as cursor:
        cursor.execute(
            f"EXPLAIN (ANALYZE {analyze}) {claim_statement([], 1)}",
            parameters | as_parameters([]),
        )
        return "\n".join(line for (line,) in cursor.fetchall())


def test_it_reads_few_rows_when_it_was_planned_on_an_empty_table(worker_session: None) -> None:
    claims = Claims(uuid4(), lease=LEASE)
    assert claims.finish_and_claim([], 1)[1] == []
    fill_the_table()
    assert max(rows_of_a_claim(claims) for _ in range(15)) < FEW


def test_it_finds_what_has_ended_by_its_id_when_it_was_planned_on_an_empty_table(
    worker_session: None,
) -> None:
    claims = Claims(uuid4(), lease=LEASE)
    assert claims.finish_and_claim([], 1)[1] == []
    fill_the_table()
    in_hand = claims.finish_and_claim([], 9)[1]
    assert max(rows_of_a_claim(claims, [Ended(task, None)]) for task in in_hand) < FEW
    assert ProcessingTask.objects.filter(status="completed").count() == len(in_hand)


def test_the_index_of_what_is_processed_plays_no_part_in_a_finish(worker_session: None) -> None:
    fill_the_table()
    assert "task_in_hand" not in plan()


def test_it_reads_few_rows_when_the_table_was_vacuumed_while_it_was_empty(
    worker_session: None,
) -> None:
    let_it_seem_empty()
    claims = Claims(uuid4(), lease=LEASE)
    assert claims.finish_and_claim([], 1)[1] == []
    fill_the_table()
    in_hand = claims.finish_and_claim([], 9)[1]
    assert max(rows_of_a_claim(claims, [Ended(task, None)]) for task in in_hand) < FEW


@pytest.mark.parametrize("is_analyzed", [False, True])
def test_it_reads_no_row_in_vain(worker_session: None, is_analyzed: bool) -> None:
    fill_the_table()
    if is_analyzed:
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE processing_queue")
    seen = plan(analyze=True)
    assert "Index Scan using task_claim_order" in seen
    assert "Rows Removed" not in seen
    assert "Sort" not in seen


def test_it_reads_few_rows_when_the_statistics_are_of_another_time() -> None:
    fill_the_table()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE processing_queue")
    ProcessingTask.objects.update(available_at=None)  # now all of them stand in the line
    assert "Index Scan using task_claim_order" in plan()
    claims = Claims(uuid4(), lease=LEASE)
    assert max(rows_of_a_claim(claims) for _ in range(15)) < FEW
