"""kill -9 at each stage of a file's way: the next attempt goes on, and pays nothing twice."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from psycopg.conninfo import make_conninfo

from experts.database import connection_parameters
from experts.models import Expert, Passage, PassageVector, SourcePage
from experts.progress import progress_of
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.conftest import swap
from tests.documents import long_text, pdf
from tests.processing.conftest import MakeExpert
from tests.processing.killed import Billed
from tests.shell.processes import PROJECT

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("killed")]

KEYS = ("host", "port", "user", "password", "dbname")
PAGES = 6


@pytest.fixture
def expert(expert_of: MakeExpert, tmp_path: Path, settings: Any) -> Expert:
    settings.MEDIA_ROOT = tmp_path
    return expert_of(pdf(*(long_text(45, about=f"Page {number}") for number in range(PAGES))))


@pytest.fixture(scope="module")
def killer(django_db_setup: None) -> Iterator[subprocess.Popen[str]]:
    """Forks workers that are going to be killed."""
    parameters = connection_parameters()
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": make_conninfo(**{key: parameters.get(key) for key in KEYS}),
    }
    command = [sys.executable, "-m", "tests.processing.killed"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, cwd=PROJECT, env=environment, text=True, **pipes) as process:
        yield process


@pytest.mark.parametrize(
    ("place", "call"),
    [
        ("experts.ingestion.pipeline:local_copy", 1),
        ("experts.extraction.extraction:Extraction._pages", 1),
        ("experts.ingestion.reading:Reading._store", 2),
        ("experts.ingestion.reading:Reading._add", 2),  # in the midst of a transaction
        ("experts.ingestion.reading:Reading._finish", 1),
        ("experts.ingestion.reading:warnings_of", 1),
        ("experts.ingestion.embedding:Embedding._embed", 3),
        ("experts.ingestion.embedding:Embedding._keep", 3),
        ("experts.providers.pgvector_store:PgvectorStore.upsert", 4),
        ("experts.ingestion.pipeline:index_passages", 1),
        ("experts.ingestion.pipeline:verify", 1),
        ("experts.tasks:conclude", 1),
    ],
)
def test_the_next_attempt_goes_on_where_this_one_was_killed(
    expert: Expert,
    killer: subprocess.Popen[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    call: int,
) -> None:
    assert killer.stdin
    assert killer.stdout
    print(place, call, tmp_path, tmp_path / "bill", file=killer.stdin, flush=True)
    assert killer.stdout.readline() == f"{signal.SIGKILL}\n"
    before = progress_of(expert)["progress_percentage"]
    ProcessingTask.objects.get().rescue("killed")
    embedder = swap("EMBEDDER", Billed(tmp_path / "bill"), monkeypatch)
    drain()
    assert before < progress_of(expert)["progress_percentage"] == 100
    numbers = SourcePage.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == list(range(1, PAGES + 1))
    passages = Passage.objects.order_by("ordinal")
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    assert PassageVector.objects.count() == len(passages)
    paid = (tmp_path / "bill").read_text().splitlines()
    assert sorted(set(paid)) == sorted(" ".join(passage.text.split()) for passage in passages)
    assert len(paid) - len(passages) <= embedder.batch_size
