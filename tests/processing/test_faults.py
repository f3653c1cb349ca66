"""Something fails at each stage: the end is true, and another try goes on where it stopped."""

import errno
import sys
from collections.abc import Sequence
from typing import Any

import pytest
from django.db import models

from experts.extraction import process
from experts.extraction.formats import READERS, TEXT
from experts.extraction.limits import Limits
from experts.ingestion import pipeline, reading
from experts.ingestion.embedding import Embedding
from experts.ingestion.passages import PageByPage
from experts.models import Expert, Passage, PassageVector, SourceFile, SourcePage
from experts.operations import reprocess
from experts.progress import progress_of
from experts.providers import get_vector_store
from experts.providers.base import ProviderError, Vector
from experts.providers.pgvector_store import PgvectorStore
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import long_text, pdf
from tests.fakes import FakeEmbedder
from tests.processing.conftest import MakeExpert

pytestmark = pytest.mark.django_db(transaction=True)

MISBEHAVING = "tests.extraction.misbehaving"


class Broken(Exception):
    """What should not have happened."""


@pytest.fixture
def expert(expert_of: MakeExpert, embedder: FakeEmbedder) -> Expert:
    """An expert on five pages, which are stored one by one."""
    return expert_of(pdf(*(long_text(30, about=f"Page {number}") for number in range(5))))


@pytest.fixture(autouse=True)
def page_by_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PAGES_A_WRITE", 1)


def fail_once(
    monkeypatch: pytest.MonkeyPatch, owner: object, name: str, error: Exception, *, call: int = 1
) -> None:
    """Let a function raise, the one time that it is called for the number `call`."""
    original, calls = getattr(owner, name), iter(range(1, 10_000))

    def function(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            raise error
        return original(*arguments, **named)

    monkeypatch.setattr(owner, name, function)


def billed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are embedded from here on."""
    original, bill = FakeEmbedder.embed_passages, list[str]()

    def embed_passages(embedder: FakeEmbedder, texts: Sequence[str]) -> list[Vector]:
        bill.extend(texts)
        return original(embedder, texts)

    monkeypatch.setattr(FakeEmbedder, "embed_passages", embed_passages)
    return bill


def is_whole(expert: Expert) -> bool:
    """Whether all five pages are learnt, each passage once."""
    passages = list(Passage.objects.order_by("ordinal"))
    stored = (
        list(SourcePage.objects.order_by("number").values_list("number", flat=True)),
        [passage.ordinal for passage in passages],
        PassageVector.objects.count(),
    )
    status = progress_of(expert)["status"], SourceFile.objects.get().status
    expected = [1, 2, 3, 4, 5], list(range(len(passages))), len(passages)
    return status == ("completed", "ready") and stored == expected


@pytest.mark.parametrize(
    ("deed", "code"),
    [
        ("abort", "too_complex"),
        ("choke", "out_of_memory"),
        ("sleep", "timed_out"),
        ("stop_talking", "too_complex"),
        ("fail", "corrupt"),
    ],
)
def test_a_reader_that_dies_hangs_or_eats_costs_what_it_has_not_read(
    expert_of: MakeExpert,
    embedder: FakeEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    deed: str,
    code: str,
) -> None:
    monkeypatch.setitem(READERS, TEXT, (MISBEHAVING,))
    monkeypatch.setattr(process, "LAST_SECONDS", 0.5)
    limits = Limits(silence_seconds=1 if deed == "sleep" else 30)
    monkeypatch.setattr("experts.extraction.extraction.limits_of", lambda path, kind: limits)
    expert = expert_of(deed)
    drain()
    file = SourceFile.objects.get()
    assert (file.status, [warning["code"] for warning in file.warnings]) == ("ready", [code])
    assert file.passages.get().text == "The first part is fine."
    assert progress_of(expert)["status"] == "completed"


def test_a_reader_that_cannot_start_is_tried_again(
    expert: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/bin/false")
        drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count) == ("queued", 1)
    assert SourceFile.objects.get().status == "extracting"
    drain(skip_delays=True)
    assert is_whole(expert)


def test_a_disk_that_is_full_for_the_reader_is_not_the_files_fault(
    expert: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    fail_once(monkeypatch, process.tempfile, "TemporaryFile", full)
    drain()
    assert SourceFile.objects.get().error_code == ""
    drain(skip_delays=True)
    assert is_whole(expert)


@pytest.mark.parametrize(
    ("owner", "name", "call"),
    [
        (models.QuerySet, "bulk_create", 1),  # pages
        (models.QuerySet, "bulk_create", 6),  # passages, in the same transaction
        (PageByPage, "add", 3),
        (reading.Reading, "_finish", 1),
        (FakeEmbedder, "embed_passages", 3),
        (Embedding, "_keep", 3),
        (pipeline, "index_passages", 1),
        (pipeline, "verify", 1),
    ],
)
def test_an_error_nobody_foresaw_spends_a_retry_and_what_was_done_stays(
    expert: Expert, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, call: int
) -> None:
    fail_once(monkeypatch, owner, name, Broken("The reason"), call=call)
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count) == ("queued", 1)
    assert task.error_message == "Broken: The reason"
    drain(skip_delays=True)
    assert is_whole(expert)
    outcomes = task.attempts.order_by("number").values_list("outcome", flat=True)
    assert list(outcomes) == ["retried", "completed"]


@pytest.mark.parametrize(
    ("owner", "name"), [(FakeEmbedder, "embed_passages"), (PgvectorStore, "upsert")]
)
def test_a_provider_in_trouble_is_asked_again(
    expert: Expert, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    trouble = ProviderError("The service does not answer.")
    fail_once(monkeypatch, owner, name, trouble, call=3)
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count) == ("queued", 0)  # waited out
    before = set(PassageVector.objects.values_list("pk", flat=True))
    assert before
    bill = billed(monkeypatch)
    drain(skip_delays=True)
    assert is_whole(expert)
    assert len(bill) == Passage.objects.count() - len(before)


@pytest.mark.parametrize(
    ("owner", "name"), [(FakeEmbedder, "embed_passages"), (PgvectorStore, "upsert")]
)
def test_a_provider_that_refuses_for_good_ends_it_with_its_reason(
    expert: Expert, monkeypatch: pytest.MonkeyPatch, owner: object, name: str
) -> None:
    refusal = ProviderError("The key was revoked. Set a new one.", permanent=True)
    fail_once(monkeypatch, owner, name, refusal, call=2)
    drain(skip_delays=True)
    task = ProcessingTask.objects.get()
    assert (task.status, task.attempt) == ("failed", 1)
    assert progress_of(expert)["details"]["message"] == "The key was revoked. Set a new one."
    reprocess(expert)
    drain()
    assert is_whole(expert)


def test_a_vector_that_the_store_lost_is_missed_and_made_again(
    expert: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, calls = get_vector_store(), iter(range(1, 100))
    original = store.upsert

    def forgetful(passages: Sequence[Passage], vectors: Sequence[Vector], *, model: str) -> None:
        kept = 0 if next(calls) == 2 else len(passages)
        original(passages[:kept], vectors[:kept], model=model)

    monkeypatch.setattr(store, "upsert", forgetful)
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, SourceFile.objects.get().status) == ("queued", "embedding")
    assert task.error_message.endswith("vectors of file-0 were not stored.")
    drain(skip_delays=True)
    assert is_whole(expert)
