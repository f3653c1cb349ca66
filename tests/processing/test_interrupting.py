"""Whatever a stage is at, a processing ends when it is told to, and outlives a lost database."""

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import pytest
from django.db import connection

from experts.extraction.formats import READERS, TEXT
from experts.extraction.pages import ExtractedPage
from experts.ingestion import aside
from experts.ingestion.passages import PageByPage, Piece
from experts.models import PassageVector, SourceFile, SourcePage
from experts.progress import progress_of
from experts.providers.base import Vector
from queueing import testing
from queueing.claiming import Claims
from queueing.crew import settle
from queueing.exceptions import WorkerStopping
from queueing.models import ProcessingTask
from queueing.runner import Ended, perform
from queueing.testing import drain
from tests.conftest import swap
from tests.documents import long_text, pdf
from tests.extraction.test_reading_process import readers_of
from tests.fakes import FakeEmbedder
from tests.processing.conftest import MakeExpert

pytestmark = pytest.mark.django_db(transaction=True)


class Stuck(FakeEmbedder):
    """Does not come back from its second call until it is let go."""

    def __init__(self) -> None:
        self.calls = 0
        self.is_stuck, self.let_go = threading.Event(), threading.Event()

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.calls += 1
        if self.calls == 2:
            self.is_stuck.set()
            self.let_go.wait(60)
        return super().embed_passages(texts)


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    monkeypatch.setattr(aside, "PATIENCE", 0.1)
    embedder = swap("EMBEDDER", Stuck(), monkeypatch)
    yield embedder
    embedder.let_go.set()


@pytest.fixture(autouse=True)
def held(monkeypatch: pytest.MonkeyPatch) -> list[ProcessingTask]:
    """The tasks in hand, whose outcomes are written as a worker writes them: until it succeeds."""
    tasks: list[ProcessingTask] = []

    def run(task: ProcessingTask, claims: Claims) -> None:
        tasks.append(task)
        outcome = perform(task)
        if isinstance(outcome, Ended):
            claims.finish([outcome])
        else:
            settle(task, outcome)

    monkeypatch.setattr(testing, "_run", run)
    return tasks


def meanwhile(event: threading.Event, deed: Callable[[], object]) -> threading.Thread:
    """Do something once the event has come."""

    def act() -> None:
        event.wait(60)
        deed()
        connection.close()

    thread = threading.Thread(target=act)
    thread.start()
    return thread


def cancel() -> None:
    ProcessingTask.objects.get().cancel()


def test_cancelling_does_not_wait_for_a_call_that_hangs(
    expert_of: MakeExpert, stuck: Stuck
) -> None:
    expert = expert_of(long_text(600))
    person = meanwhile(stuck.is_stuck, cancel)
    drain()  # comes back although the call does not
    person.join()
    assert progress_of(expert)["status"] == "cancelled"
    assert 0 < PassageVector.objects.count() < SourceFile.objects.get().passages.count()


def test_a_worker_that_is_to_stop_does_not_either(
    expert_of: MakeExpert, stuck: Stuck, held: list[ProcessingTask]
) -> None:
    expert = expert_of(long_text(600))
    end = WorkerStopping("The worker stops.")
    signal = meanwhile(stuck.is_stuck, lambda: held[0].hold.end(end))
    meanwhile(stuck.is_stuck, lambda: stuck.let_go.wait(1) or stuck.let_go.set())
    drain()  # gives it back, and takes it once more
    signal.join()
    outcomes = held[0].attempts.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == ["released", "completed"]
    assert progress_of(expert)["status"] == "completed"


def test_one_that_lost_the_task_changes_nothing_more(expert_of: MakeExpert, stuck: Stuck) -> None:
    expert_of(long_text(600))
    rescue = meanwhile(stuck.is_stuck, lambda: ProcessingTask.objects.update(attempt=9))
    drain()
    rescue.join()
    stored = PassageVector.objects.count()
    stuck.let_go.set()
    assert PassageVector.objects.count() == stored
    assert SourceFile.objects.get().status == "embedding"


def test_cancelling_ends_a_reader_that_hangs(
    expert_of: MakeExpert, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, TEXT, ("tests.extraction.misbehaving",))
    monkeypatch.setattr("experts.ingestion.reading.PAGES_A_WRITE", 1)
    expert = expert_of("sleep")
    first_page = threading.Event()
    person = meanwhile(first_page, cancel)
    add = PageByPage.add

    def added(cut: PageByPage, page: ExtractedPage) -> Iterator[Piece]:
        first_page.set()
        return add(cut, page)

    monkeypatch.setattr(PageByPage, "add", added)
    drain()
    person.join()
    assert progress_of(expert)["status"] == "cancelled"
    assert SourcePage.objects.count() == 1
    assert not readers_of(os.getpid())


def test_a_deleted_file_ends_its_stages(expert_of: MakeExpert, stuck: Stuck) -> None:
    expert = expert_of(long_text(600))
    person = meanwhile(stuck.is_stuck, SourceFile.objects.all().delete)
    meanwhile(stuck.is_stuck, lambda: stuck.let_go.wait(1) or stuck.let_go.set())
    drain()
    person.join()
    assert progress_of(expert)["status"] == "failed"  # nothing is left that had text
    assert not PassageVector.objects.exists()


class CutsTheLine(FakeEmbedder):
    """Ends the worker's connection to the database in the middle of a file."""

    def __init__(self) -> None:
        self.victim = backend()
        self.calls = 0

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        self.calls += 1
        if self.calls == 3:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(%s)", [self.victim])
        return super().embed_passages(texts)


def backend() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_a_database_that_goes_away_costs_no_retry(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    expert = expert_of(long_text(600))
    swap("EMBEDDER", CutsTheLine(), monkeypatch)
    drain()
    task = ProcessingTask.objects.get()
    outcomes = task.attempts.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == ["released", "completed"]
    assert (task.status, task.retry_count) == ("completed", 0)
    assert PassageVector.objects.count() == SourceFile.objects.get().passages.count()
    assert progress_of(expert)["status"] == "completed"


FULL = """
CREATE FUNCTION disk_is_full() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100';
END $$;
CREATE TRIGGER disk_is_full BEFORE INSERT ON experts_sourcepage
FOR EACH ROW WHEN (NEW.number > 1) EXECUTE FUNCTION disk_is_full();
"""


@contextmanager
def full_disk() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(FULL)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION disk_is_full CASCADE")


def test_a_full_disk_is_waited_out(
    expert_of: MakeExpert, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.ingestion.reading.PAGES_A_WRITE", 1)
    expert = expert_of(pdf("The first page.", "The second page."))
    with full_disk():
        drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count, SourcePage.objects.count()) == ("queued", 0, 1)
    drain(skip_delays=True)
    assert progress_of(expert)["status"] == "completed"
    assert SourcePage.objects.count() == 2
