"""One rate limit for all workers, kept in PostgreSQL, and pauses that everyone sees."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.contrib.auth.models import User
from django.core.files.storage import InMemoryStorage, Storage
from django.db import connection
from django.db.models import F
from pytest_django import Settings

from experts.ingestion import pausing as pauses
from experts.ingestion import pipeline
from experts.ingestion.aside import Aside
from experts.models import Expert, Passage, VendorBucket
from experts.operations import create_expert, upload_file
from experts.progress import progress_of
from experts.providers import (
    bucket,
    get_answerer,
    get_embedder,
    get_vector_store,
    get_voice_agents,
)
from experts.providers.base import PausedError
from experts.providers.pacing import paced, pausing
from experts.providers.vendor import SHORTEST_PAUSE, Limit, Vendor
from queueing import enqueue
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import long_text, upload
from tests.factories import ExpertFactory, SourceFileFactory
from tests.fakes import FakeEmbedder
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import refusal as elevenlabs_refusal
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.openai_standin import refusal
from tests.vendors.pinecone_standin import refusal as pinecone_refusal
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)

SOON = {"Retry-After": "38"}


def take(cost: float = 6, *, patience: float = 120, skips_line: bool = False) -> float:
    return bucket.take("OpenAI", cost=cost, patience=patience, skips_line=skips_line)


@pytest.fixture
def paused_for(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Pauses are noted here, and over at once: the bucket's clock goes on by as much."""
    seconds: list[float] = []

    class Clock:
        now = 0.0

        def monotonic(self) -> float:
            return self.now

        def sleep(self, span: float) -> None:
            self.now += span
            seconds.append(span)
            VendorBucket.objects.all().update(
                booked_until=F("booked_until") - timedelta(seconds=span),
                closed_until=F("closed_until") - timedelta(seconds=span),
            )

    clock = Clock()
    monkeypatch.setattr(pauses, "time", clock)
    monkeypatch.setattr(pipeline, "time", clock)
    monkeypatch.setattr(Aside, "rest", lambda stage, span: clock.sleep(span))
    return seconds


def test_what_the_bucket_holds_may_be_used_at_once_and_then_turns_come_one_by_one() -> None:
    assert [round(take()) for _ in range(5)] == [0, 0, 2, 8, 14]


def test_turns_are_given_in_the_order_of_asking() -> None:
    waits = [take() for _ in range(6)]
    assert waits == sorted(waits)


def test_a_turn_too_far_away_is_told_and_not_booked() -> None:
    take(100)
    assert round(take(6, patience=2)) == 90
    assert round(take(6, patience=2)) == 90


def test_a_person_does_not_stand_behind_the_background_which_gives_way() -> None:
    take(60)
    assert take(6, skips_line=True) == 0
    assert round(take()) == 56


def test_a_closed_bucket_lets_nobody_in_and_opens_for_one_after_the_other() -> None:
    bucket.close("OpenAI", 38)
    assert round(take(skips_line=True)) == 38
    assert [round(take()) for _ in range(2)] == [44, 50]


def test_the_longest_closing_counts() -> None:
    bucket.close("OpenAI", 38)
    bucket.close("OpenAI", 2)
    assert round(bucket.closed_for("OpenAI")) == 38


def test_vendors_do_not_share_their_pauses() -> None:
    bucket.close("OpenAI", 38)
    assert bucket.closed_for("Pinecone") == 0


def test_the_larger_share_of_a_limit_is_what_a_call_costs() -> None:
    limit = Limit(requests=60, tokens=60_000)
    assert limit.seconds(requests=1, tokens=100) == 1
    assert limit.seconds(requests=1, tokens=5_000) == 5
    assert Limit().seconds(requests=1, tokens=5_000) == 0


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_ask_at_once_get_two_turns() -> None:
    waits: list[float] = []

    def ask() -> None:
        waits.append(take(20))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(round(wait) for wait in waits) == [0, 10, 30, 50]


@pytest.mark.django_db(transaction=True)
def test_a_429_that_one_worker_gets_keeps_the_other_from_calling(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers=SOON))
    raised: list[PausedError] = []

    def embed() -> None:
        try:
            get_embedder().embed_passages(["coffee"])
        except PausedError as paused:
            raised.append(paused)
        connection.close()

    for _ in range(2):
        thread = threading.Thread(target=embed)
        thread.start()
        thread.join()
    assert [round(paused.seconds) for paused in raised] == [38, 38]
    assert len(vendors.requests) == 1


def test_background_work_waits_a_pause_out_and_goes_on(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers={"Retry-After": "3"}))
    waits: list[tuple[str, float]] = []

    def pause(vendor: str, seconds: float) -> None:
        waits.append((vendor, seconds))
        VendorBucket.objects.all().delete()

    with pausing(pause):
        assert get_embedder().embed_passages(["coffee"])
    [(vendor, seconds)] = waits
    assert vendor == "the server at 127.0.0.1"
    assert seconds == pytest.approx(3, abs=0.5)


def test_a_vendor_that_asks_for_no_time_at_all_is_not_hammered(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers={"Retry-After": "0"}))
    waits: list[float] = []

    def pause(vendor: str, seconds: float) -> None:
        waits.append(seconds)
        VendorBucket.objects.all().delete()

    with pausing(pause):
        get_embedder().embed_passages(["coffee"])
    assert waits == [pytest.approx(SHORTEST_PAUSE, abs=0.2)]


def test_a_pause_of_embeddings_leaves_answers_alone(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers=SOON))
    with pytest.raises(PausedError):
        get_embedder().embed_passages(["coffee"])
    assert "".join(get_answerer().answer("When?", [], expert=Expert(name="A"), history=[]))


def test_a_pause_of_writes_leaves_searches_alone(vendors: StandIn, alice: User) -> None:
    bucket.close("Pinecone: writes", 38)
    file = SourceFileFactory(owner=alice)
    assert get_vector_store().search([1.0] * 8, file_ids=[file.pk], model="m", limit=1) == []
    with pytest.raises(PausedError, match="Paused by Pinecone"):
        get_vector_store().upsert([Passage(source_file=file)], [[1.0] * 8], model="m")


def test_a_pause_of_the_making_of_agents_leaves_talks_alone(vendors: StandIn) -> None:
    expert = ExpertFactory()
    get_voice_agents().ensure(expert, timeout=5)
    bucket.close("ElevenLabs", 38)
    assert get_voice_agents().session_url(expert).startswith("wss://")
    assert get_voice_agents().voices()


def test_a_person_is_told_of_a_long_pause_at_once(vendors: StandIn) -> None:
    bucket.close("the server at 127.0.0.1: embeddings", 38)
    with pytest.raises(PausedError, match=r"Paused by the server at 127\.0\.0\.1"):
        get_embedder().embed_query("coffee")
    assert vendors.requests == []


def test_tokens_above_the_limit_wait_for_their_turn(vendors: StandIn, configure: Configure) -> None:
    configure(openai_embedding_tokens_per_minute=60)
    waits: list[float] = []

    def pause(vendor: str, seconds: float) -> None:
        waits.append(seconds)

    with pausing(pause):
        for _ in range(2):
            get_embedder().embed_passages(["x" * 90])
    assert [round(seconds) for seconds in waits] == [20]


def test_a_call_without_a_limit_leaves_no_trace() -> None:
    assert paced(Vendor("Nobody", key="NONE"), lambda: 7) == 7
    assert not VendorBucket.objects.exists()


@pytest.fixture
def messages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the progress said while work was paused."""
    said: list[str] = []
    monkeypatch.setattr(
        "experts.ingestion.report.Report.paused", lambda report, message: said.append(message)
    )
    return said


@pytest.mark.parametrize(
    ("path", "answer", "name"),
    [
        ("/embeddings", refusal(429, "Slow", headers=SOON), "the server at 127.0.0.1"),
        ("/vectors/upsert", pinecone_refusal(429, "Slow", headers=SOON), "Pinecone"),
    ],
    ids=["embeddings", "vectors"],
)
def test_a_429_pauses_visibly_and_costs_no_attempt(
    vendors: StandIn,
    alice: User,
    messages: list[str],
    paused_for: list[float],
    path: str,
    answer: object,
    name: str,
) -> None:
    vendors.misbehave(path, answer)  # type: ignore[arg-type]  # parametrised
    expert = expert_over(read_file(alice, "Deduct the coffee.", "Not the tea."))
    assert messages[0] == f"Paused by {name}, resumes in 38 s"
    assert sum(paused_for) == pytest.approx(38, abs=1)
    assert progress_of(expert)["status"] == "completed"
    task = ProcessingTask.objects.get(task_type="file_processing")
    assert (task.attempt, task.retry_count) == (1, 0)


def test_a_pause_too_long_to_hold_a_worker_gives_the_task_back_and_says_why(
    vendors: StandIn, alice: User
) -> None:
    hour = {"Retry-After": "3600"}
    vendors.misbehave("/vectors/upsert", pinecone_refusal(429, "Slow", headers=hour))
    expert = expert_over(read_file(alice, "Deduct the coffee.", "Not the tea."))
    progress = progress_of(expert)
    assert progress["details"]["message"].startswith("Paused by Pinecone")
    assert progress["retry_at"]
    assert ProcessingTask.objects.get(task_type="file_processing").retry_count == 0


def test_of_a_partial_upsert_only_the_rest_is_sent_again(
    vendors: StandIn, alice: User, monkeypatch: pytest.MonkeyPatch, paused_for: list[float]
) -> None:
    monkeypatch.setattr("experts.providers.pinecone.store.MOST_BYTES", 1000)
    vendors.misbehave("/vectors/upsert", pinecone_refusal(429, "Slow", headers=SOON))
    file = expert_over(read_file(alice, *(f"Bed {n}." for n in range(6)))).files.get()
    assert file.status == "ready"
    assert not get_vector_store().missing(file, model="small").exists()
    sent = [v["id"] for r in vendors.asked("/vectors/upsert") for v in r.body["vectors"]]
    assert len(sent) - len(set(sent)) == 2  # the batch that was refused


def test_a_429_to_one_request_for_a_voice_keeps_the_next_from_asking(vendors: StandIn) -> None:
    slow = elevenlabs_refusal(429, "rate_limited", "Slow", headers=SOON)
    vendors.misbehave("/secrets", slow)
    for _ in range(2):
        with pytest.raises(PausedError, match="Paused by ElevenLabs"):
            get_voice_agents().ensure(ExpertFactory(), timeout=5)
    assert len(vendors.requests) == 1


class SlowStorage(Storage):
    """A storage without paths, as S3 is, that asks for 38 seconds of patience once.

    The error is botocore's own, as it comes out when its retries are used up.
    """

    def __init__(self) -> None:
        self._memory = InMemoryStorage()
        answer: Any = {
            "Error": {"Code": "SlowDown", "Message": "Please reduce your request rate."},
            "ResponseMetadata": {"HTTPStatusCode": 503, "HTTPHeaders": {"retry-after": "38"}},
        }
        self._refusals = [ClientError(answer, "GetObject")]

    def _open(self, name: str, mode: str = "rb") -> Any:
        self._refuse()
        return self._memory.open(name, mode)

    def _save(self, name: str, content: Any) -> str:
        return self._memory.save(name, content)

    def exists(self, name: str) -> bool:
        return self._memory.exists(name)

    def delete(self, name: str) -> None:
        self._refuse()
        self._memory.delete(name)

    def _refuse(self) -> None:
        if self._refusals:
            raise self._refusals.pop()


@pytest.fixture
def slow_storage(settings: Settings) -> None:
    backend = {"BACKEND": f"{__name__}.SlowStorage"}
    settings.STORAGES = {**settings.STORAGES, "default": backend}


def test_a_storage_that_asks_for_patience_pauses_in_sight_too(
    slow_storage: None,
    embedder: FakeEmbedder,
    alice: User,
    messages: list[str],
    paused_for: list[float],
) -> None:
    file = upload_file(upload(long_text(20)), owner=alice).file
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    drain()
    assert messages[0] == "Paused by the file storage, resumes in 38 s"
    assert progress_of(expert)["status"] == "completed"


def test_a_removal_that_has_to_wait_spends_no_retry(slow_storage: None) -> None:
    task = enqueue("remove_stored", task_data={"names": ["files/x"], "vectors": None})
    drain()
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("queued", 0)
    assert task.error_message.startswith("Paused by the file storage")
    assert round(bucket.closed_for("the file storage")) == 38
