"""An attempt that ends early is continued, not repeated."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from experts.ingestion import embedding, reading
from experts.models import (
    ExpertProcessingProgress,
    Passage,
    PassageVector,
    SourceFile,
    SourcePage,
)
from experts.outcomes import FIRST_PAUSE, WAITED_FOR
from experts.progress import progress_of
from experts.providers import get_embedder
from experts.providers.base import ProviderError, Vector
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import long_text, pdf
from tests.processing.conftest import MakeExpert

pytestmark = pytest.mark.django_db(transaction=True)


class PowerCut(Exception):
    """Ends an attempt where the test wants it to end."""


@pytest.fixture
def embedded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were embedded, in order, as the vendor's bill would list them."""
    embedder, bill = get_embedder(), []
    original: Callable[[Sequence[str]], list[Vector]] = embedder.embed_passages

    def embed_passages(texts: Sequence[str]) -> list[Vector]:
        bill.extend(texts)
        return original(texts)

    monkeypatch.setattr(embedder, "embed_passages", embed_passages)
    monkeypatch.setattr(embedder, "batch_size", 4)
    return bill


def cut_at(monkeypatch: pytest.MonkeyPatch, module: object, name: str, *, call: int) -> None:
    """The power fails at this call of a function, once."""
    original, calls = getattr(module, name), iter(range(1, 1000))

    def function(*args: object, **kwargs: object) -> object:
        if next(calls) == call:
            raise PowerCut
        return original(*args, **kwargs)

    monkeypatch.setattr(module, name, function)


def try_again() -> None:
    ProcessingTask.objects.filter(status="queued").update(available_at=None)
    drain()


def test_reading_goes_on_at_the_next_page(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "PAGES_A_WRITE", 1)
    cut_at(monkeypatch, reading.Reading, "_store", call=3)
    expert = expert_of(pdf(*(long_text(30, about=f"Page {n}") for n in range(5))))
    drain()
    assert SourceFile.objects.get().pages_read == 2
    try_again()
    assert progress_of(expert)["status"] == "completed"
    numbers = SourcePage.objects.order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2, 3, 4, 5]


def test_no_passage_is_embedded_twice(
    expert_of: MakeExpert, embedded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_at(monkeypatch, embedding.Embedding, "_embed", call=3)
    expert_of(long_text(600))
    drain()
    assert len(embedded) == 4
    try_again()
    assert sorted(embedded) == sorted(Passage.objects.values_list("text", flat=True))


def test_the_percentage_never_goes_down(
    expert_of: MakeExpert, embedded: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.ingestion.report.SECONDS_BETWEEN_WRITES", 0)
    cut_at(monkeypatch, embedding.Embedding, "_embed", call=5)
    expert = expert_of(long_text(600))
    drain()
    reached = progress_of(expert)
    assert (reached["stage"], reached["status"]) == ("queued", "pending")
    assert reached["progress_percentage"] > 10
    task = ProcessingTask.objects.get()
    ExpertProcessingProgress.objects.begin(expert.pk, task)
    assert progress_of(expert)["progress_percentage"] == reached["progress_percentage"]


def test_a_permanent_trouble_fails_at_once(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(texts: Sequence[str]) -> list[Vector]:
        raise ProviderError("The key was revoked. Set a new one.", permanent=True)

    monkeypatch.setattr(get_embedder(), "embed_passages", refuse)
    expert = expert_of("Deduct the coffee.")
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.attempt) == ("failed", 1)
    assert progress_of(expert)["details"]["message"] == "The key was revoked. Set a new one."


def test_a_long_rate_limit_costs_no_retry(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def later(texts: Sequence[str]) -> list[Vector]:
        raise ProviderError("Too many requests.", retry_after=3600)

    monkeypatch.setattr(get_embedder(), "embed_passages", later)
    expert = expert_of("Deduct the coffee.")
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count) == ("queued", 0)
    assert progress_of(expert)["stage"] == "queued"
    assert progress_of(expert)["retry_at"] is not None


def test_a_worker_that_lost_the_task_changes_nothing(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another attempt took the file over while this one was between two writes."""
    original = embedding.Embedding._embed

    def embed(self: embedding.Embedding, unit: list[Passage]) -> list[Vector]:
        SourceFile.objects.update(reader_attempt=99)
        return original(self, unit)

    monkeypatch.setattr(embedding.Embedding, "_embed", embed)
    expert_of("Deduct the coffee.")
    drain()
    assert not PassageVector.objects.exists()
    assert SourceFile.objects.get().status == "embedding"


@pytest.fixture
def down(monkeypatch: pytest.MonkeyPatch) -> None:
    """The vendor has trouble, and does not say for how long."""

    def fail(texts: Sequence[str]) -> list[Vector]:
        raise ProviderError("The service does not answer.")

    monkeypatch.setattr(get_embedder(), "embed_passages", fail)


def test_trouble_without_a_time_costs_no_retry_and_is_said_while_it_lasts(
    expert_of: MakeExpert, down: None
) -> None:
    expert = expert_of("Deduct the coffee.")
    for _ in range(5):
        try_again()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count, task.attempt) == ("queued", 0, 5)
    progress = progress_of(expert)
    assert progress["details"]["message"] == "The service does not answer."
    assert progress["retry_at"]


def test_trouble_that_does_not_end_costs_retries_at_last_and_ends_with_its_reason(
    expert_of: MakeExpert, down: None
) -> None:
    expert = expert_of("Deduct the coffee.")
    drain(skip_delays=True)
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count, task.attempt) == ("failed", 3, WAITED_FOR.tries + 4)
    assert progress_of(expert)["details"]["message"] == "The service does not answer."


def test_by_hand_it_is_tried_with_new_patience(expert_of: MakeExpert, down: None) -> None:
    expert_of("Deduct the coffee.")
    drain(skip_delays=True)
    ProcessingTask.objects.get().requeue()
    drain()
    task = ProcessingTask.objects.get()
    assert (task.status, task.retry_count) == ("queued", 0)
    soon = datetime.now(UTC) + timedelta(seconds=FIRST_PAUSE + 1)
    assert task.retries_at
    assert task.retries_at < soon


def test_a_bug_is_not_shown_to_people(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(texts: Sequence[str]) -> list[Vector]:
        raise KeyError("vectors")

    monkeypatch.setattr(get_embedder(), "embed_passages", fail)
    expert = expert_of("Deduct the coffee.")
    drain(skip_delays=True)
    assert "KeyError" in ProcessingTask.objects.get().error_message
    assert progress_of(expert)["details"]["message"].startswith("Something went wrong")
