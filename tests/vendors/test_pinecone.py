"""Vectors in Pinecone over real HTTP, noted in a real PostgreSQL."""

from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User

from experts.models import Passage, SourceFile, StoredVector
from experts.providers import get_vector_store
from experts.providers.base import ProviderError, Vector
from experts.providers.pinecone.store import PARALLEL_UPSERTS, most_vectors
from tests.factories import SourceFileFactory
from tests.vendors.conftest import Configure
from tests.vendors.messages import Reply, Reset
from tests.vendors.pinecone_standin import (
    PineconeStandIn,
    control_refusal,
    namespace_of,
    refusal,
)
from tests.vendors.standin import StandIn

pytestmark = pytest.mark.django_db

MODEL = "small"


def axis(number: int) -> Vector:
    """A unit vector that only its like is near to."""
    return [float(number == place) for place in range(8)]


def passages_of(owner: User, *, count: int = 3) -> list[Passage]:
    file = SourceFileFactory(owner=owner)
    return Passage.objects.bulk_create(
        Passage(source_file=file, ordinal=n, page=n + 1, location=f"Page {n + 1}", start=0, end=1)
        for n in range(count)
    )


def store(passages: list[Passage]) -> SourceFile:
    """Store a vector for each, each on an axis of its own; returns their file."""
    vectors = [axis(passage.ordinal) for passage in passages]
    get_vector_store().upsert(passages, vectors, model=MODEL)
    return passages[0].source_file


def found(number: int, *files: SourceFile, model: str = MODEL) -> list[int]:
    ids = [file.pk for file in files]
    matches = get_vector_store().search(axis(number), file_ids=ids, model=model, limit=2)
    return [passage_id for passage_id, score in matches if score > 0.5]


def test_what_is_stored_is_found_again(vendors: StandIn, alice: User) -> None:
    passages = passages_of(alice)
    file = store(passages)
    assert found(1, file) == [passages[1].pk]


def test_the_index_is_made_at_the_first_vector(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    store(passages_of(alice))
    (request,) = [asked for asked in vendors.asked("/indexes") if asked.method == "POST"]
    assert request.body["name"] == "experts"
    assert request.body["schema"]["fields"]["_values"]["dimension"] == 8
    assert request.body["deployment"]["region"] == "us-east-1"


def test_an_index_that_is_there_is_used(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.make_index("experts", dimension=8)
    file = store(passages_of(alice))
    assert found(0, file)
    assert not [asked for asked in vendors.asked("/indexes") if asked.method == "POST"]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ({"dimension": 1536}, "holds vectors of 1536 numbers, but vectors of 8 numbers are needed"),
        ({"dimension": 8, "metric": "euclidean"}, "compares by euclidean, but cosine"),
    ],
)
def test_an_index_that_misfits_is_refused_with_the_remedy(
    vendors: StandIn,
    alice: User,
    pinecone_vendor: PineconeStandIn,
    kind: dict[str, object],
    message: str,
) -> None:
    pinecone_vendor.make_index("experts", **kind)  # type: ignore[arg-type]  # parametrised
    with pytest.raises(ProviderError, match=message) as raised:
        store(passages_of(alice))
    assert raised.value.permanent
    assert "PINECONE_INDEX" in str(raised.value)


def test_each_owner_has_a_namespace(
    vendors: StandIn, alice: User, bob: User, pinecone_vendor: PineconeStandIn
) -> None:
    store(passages_of(alice))
    store(passages_of(bob))
    assert set(pinecone_vendor.namespaces) == {namespace_of(alice), namespace_of(bob)}


def test_ids_name_the_file_and_the_place_and_metadata_stays_small(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    passages = passages_of(alice, count=1)
    file = store(passages)
    (vector,) = pinecone_vendor.namespaces[namespace_of(alice)].values()
    assert vector["id"] == f"{file.pk}#0"
    assert vector["metadata"] == {
        "file": str(file.pk),
        "page": 1,
        "passage": passages[0].pk,
        "model": MODEL,
    }


def test_only_the_allowed_files_are_searched(vendors: StandIn, alice: User) -> None:
    mine, other = store(passages_of(alice)), store(passages_of(alice))
    assert len(found(0, mine)) == 1
    assert len(found(0, mine, other)) == 2


def test_a_long_list_of_files_is_searched_in_parts(
    vendors: StandIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.providers.pinecone.store.MOST_IDS", 2)
    files = [store(passages_of(alice, count=1)) for _ in range(5)]
    assert len(found(0, *files)) == 2  # the limit
    assert len(vendors.asked("/query")) == 3


def test_vectors_of_another_model_are_never_compared(vendors: StandIn, alice: User) -> None:
    file = store(passages_of(alice))
    assert found(0, file, model="large") == []


def test_before_the_first_vector_nothing_is_found_and_nothing_is_made(
    vendors: StandIn, alice: User
) -> None:
    assert found(0, SourceFileFactory(owner=alice)) == []
    assert [asked.method for asked in vendors.requests] == ["GET"]


def test_what_is_missing_is_known_without_asking_pinecone(vendors: StandIn, alice: User) -> None:
    passages = passages_of(alice)
    file = store(passages[:1])
    asked = len(vendors.requests)
    assert list(get_vector_store().missing(file, model=MODEL)) == passages[1:]
    assert list(get_vector_store().missing(file, model="large")) == passages
    assert len(vendors.requests) == asked


def test_another_index_starts_empty(vendors: StandIn, alice: User, configure: Configure) -> None:
    passages = passages_of(alice)
    file = store(passages)
    configure(pinecone_index="elsewhere")
    assert list(get_vector_store().missing(file, model=MODEL)) == passages


def test_storing_again_changes_nothing(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    passages = passages_of(alice)
    store(passages)
    store(passages)
    assert StoredVector.objects.count() == 3
    assert len(pinecone_vendor.namespaces[namespace_of(alice)]) == 3


def test_many_vectors_go_in_several_requests_below_the_limit(
    vendors: StandIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.providers.pinecone.store.MOST_BYTES", 1000)
    store(passages_of(alice, count=8))
    sizes = [len(request.body["vectors"]) for request in vendors.asked("/vectors/upsert")]
    assert sizes == [2, 2, 2, 2]


def test_several_requests_are_under_way_at_once(
    vendors: StandIn,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
    pinecone_vendor: PineconeStandIn,
) -> None:
    monkeypatch.setattr("experts.providers.pinecone.store.MOST_BYTES", 1000)
    meeting = Barrier(PARALLEL_UPSERTS)
    upsert = pinecone_vendor._upsert

    def together(*given: Any) -> Reply:
        meeting.wait(20)  # for as many others; one after the other, nobody would ever come
        return upsert(*given)

    monkeypatch.setattr(pinecone_vendor, "_upsert", together)
    store(passages_of(alice, count=2 * PARALLEL_UPSERTS))


def test_a_full_request_of_long_vectors_stays_below_two_megabytes() -> None:
    longest = len("-0.012345678901234567, ")
    assert most_vectors(1536) * 1536 * longest < 2 * 2**20
    assert most_vectors(1536) > 40


def test_a_request_found_too_large_is_sent_in_halves(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.most_bytes = 700
    passages = passages_of(alice, count=5)
    file = store(passages)
    assert not get_vector_store().missing(file, model=MODEL).exists()
    assert len(pinecone_vendor.namespaces[namespace_of(alice)]) == 5


def test_when_some_of_it_is_refused_the_rest_is_noted_as_stored(
    vendors: StandIn, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.providers.pinecone.store.MOST_BYTES", 1000)
    vendors.misbehave("/vectors/upsert", refusal(403, "Quota"), times=2)
    passages = passages_of(alice, count=8)
    with pytest.raises(ProviderError, match="does not allow this"):
        store(passages)
    assert get_vector_store().missing(passages[0].source_file, model=MODEL).count() == 4


def test_vectors_that_it_did_not_take_are_sent_again(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.drops = 2
    store(passages_of(alice, count=5))
    assert len(pinecone_vendor.namespaces[namespace_of(alice)]) == 5
    assert len(vendors.asked("/vectors/upsert")) == 2


def test_what_shows_only_later_counts_as_stored(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True
    passages = passages_of(alice)
    file = store(passages)
    assert found(1, file) == []
    assert not get_vector_store().missing(file, model=MODEL).exists()
    pinecone_vendor.settle()
    assert found(1, file) == [passages[1].pk]
    assert get_vector_store().recount(file) == 0


def test_an_id_that_was_taken_and_is_not_there_is_missing_after_a_recount(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    passages = passages_of(alice, count=4)
    pinecone_vendor.loses = {passages[2].vector_id}
    file = store(passages)
    assert not get_vector_store().missing(file, model=MODEL).exists()
    assert get_vector_store().recount(file) == 1
    assert list(get_vector_store().missing(file, model=MODEL)) == [passages[2]]


def test_a_long_file_is_recounted_page_by_page(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file = store(passages_of(alice, count=250))
    assert get_vector_store().recount(file) == 0
    assert len(vendors.asked("/vectors/list")) == 3


def test_another_site_in_the_same_index_is_neither_seen_nor_touched(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file = store(passages_of(alice))
    theirs = pinecone_vendor.namespaces[f"0badcafe-owner-{alice.pk}"] = {
        f"{file.pk}#0": {"id": f"{file.pk}#0"}
    }
    assert [held.there for held in get_vector_store().held()] == [{file.pk: {0, 1, 2}}]
    get_vector_store().delete(owner_id=alice.pk, file_id=file.pk, passages=3)
    assert list(theirs) == [f"{file.pk}#0"]


def test_an_index_that_is_still_being_made_is_waited_for(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.make_index("experts", dimension=8)
    pinecone_vendor.indexes["experts"]["status"] = {"ready": False, "state": "Initializing"}
    with pytest.raises(ProviderError, match="experts is not ready yet") as raised:
        store(passages_of(alice))
    assert not raised.value.permanent
    pinecone_vendor.indexes["experts"]["status"] = {"ready": True, "state": "Ready"}
    store(passages_of(alice))


def test_an_index_that_may_not_be_made_says_so(vendors: StandIn, alice: User) -> None:
    quota = control_refusal(403, "FORBIDDEN", "You've reached the max serverless indexes allowed")
    vendors.misbehave("/indexes", quota)
    with pytest.raises(ProviderError, match="max serverless indexes allowed") as raised:
        store(passages_of(alice))
    assert raised.value.permanent


def test_a_file_deleted_meanwhile_leaves_nothing_at_the_vendor(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    passages = passages_of(alice)
    _ = passages[0].source_file.owner_id
    Passage.objects.all().delete()
    store(passages)
    assert pinecone_vendor.namespaces == {namespace_of(alice): {}}


def test_deleting_a_file_forgets_its_vectors_and_no_others(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file, other = store(passages_of(alice)), store(passages_of(alice, count=1))
    get_vector_store().delete(owner_id=alice.pk, file_id=file.pk, passages=3)
    assert list(pinecone_vendor.namespaces[namespace_of(alice)]) == [f"{other.pk}#0"]


def test_deleting_finds_what_an_earlier_reading_left(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file = store(passages_of(alice, count=5))
    get_vector_store().delete(owner_id=alice.pk, file_id=file.pk, passages=2)
    assert pinecone_vendor.namespaces[namespace_of(alice)] == {}


def test_deleting_twice_or_what_never_was_is_no_error(vendors: StandIn, alice: User) -> None:
    get_vector_store().delete(owner_id=alice.pk, file_id=uuid4(), passages=2)
    store(passages_of(alice))
    get_vector_store().delete(owner_id=alice.pk + 1, file_id=uuid4(), passages=2)


def test_an_index_that_vanished_is_made_anew_at_the_next_attempt(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    passages = passages_of(alice)
    store(passages)
    pinecone_vendor.indexes.clear()
    vendors.misbehave("/vectors/upsert", refusal(404, "Not found"), times=3)
    with pytest.raises(ProviderError, match="will be made anew") as raised:
        store(passages)
    assert not raised.value.permanent
    store(passages)
    assert list(pinecone_vendor.indexes) == ["experts"]


def test_a_pause_comes_up_at_once_instead_of_being_slept_through(
    vendors: StandIn, alice: User
) -> None:
    pause = refusal(429, "Slow down", headers={"Retry-After": "38"})
    vendors.misbehave("/vectors/upsert", pause, times=9)
    with pytest.raises(ProviderError, match="asks for fewer requests") as raised:
        store(passages_of(alice))
    assert (raised.value.permanent, raised.value.retry_after) == (False, 38)
    assert len(vendors.asked("/vectors/upsert")) == 1


@pytest.mark.parametrize("trouble", [refusal(500, "Oops"), Reset()], ids=["500", "reset"])
@pytest.mark.parametrize("path", ["/vectors/upsert", "/indexes/experts"])
def test_a_short_trouble_is_waited_out(
    vendors: StandIn, alice: User, path: str, trouble: Reset
) -> None:
    vendors.misbehave(path, trouble)
    assert found(0, store(passages_of(alice)))


def test_a_search_in_trouble_fails_soon_and_may_be_tried_again(
    vendors: StandIn, alice: User
) -> None:
    file = store(passages_of(alice))
    vendors.misbehave("/query", refusal(503, "Down"), times=9)
    with pytest.raises(ProviderError, match="trouble of its own") as raised:
        found(0, file)
    assert not raised.value.permanent
    assert len(vendors.asked("/query")) == 2


def test_a_rejected_key_fails_for_good_and_is_not_repeated(
    vendors: StandIn, alice: User, configure: Configure
) -> None:
    configure(pinecone_api_key="a-wrong-key-98765")
    with pytest.raises(ProviderError, match=r"rejected the key\. Check PINECONE_API_KEY") as raised:
        store(passages_of(alice))
    assert raised.value.permanent
    assert "98765" not in str(raised.value)


def test_without_a_key_it_says_which_is_missing(vendors: StandIn, configure: Configure) -> None:
    configure(pinecone_api_key="", vector_store="pinecone")
    with pytest.raises(ProviderError, match="PINECONE_API_KEY is not set"):
        get_vector_store()
