"""Vectors against the database: each kind of orphan and gap, and those that show late."""

import pytest
from django.contrib.auth.models import User

from experts.models import Expert
from experts.providers import get_vector_store
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.vendors.conftest import Configure
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.pinecone_standin import PineconeStandIn, namespace_of
from tests.vendors.reconciling.commands import LONG_GONE, found, mended, reconcile
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_vectors_of_a_file_that_is_gone_are_found_and_removed(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[namespace_of(alice)]
    namespace[f"{LONG_GONE}#0"] = {**next(iter(namespace.values())), "id": f"{LONG_GONE}#0"}
    before = len(namespace)
    assert f"vectors, orphan: 1 vector of file {LONG_GONE}" in found()
    mended()
    assert len(namespace) == before - 1


def test_vectors_past_the_end_of_a_file_are_removed_and_the_others_stay(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file, namespace = expert.files.get(), pinecone_vendor.namespaces[namespace_of(alice)]
    before = set(namespace)
    namespace[f"{file.pk}#999"] = {**next(iter(namespace.values())), "id": f"{file.pk}#999"}
    assert "vectors, orphan: 1 vector" in found()
    mended()
    assert set(namespace) == before


def test_vectors_missing_at_the_vendor_are_embedded_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[namespace_of(alice)]
    before = set(namespace)
    namespace.pop(min(namespace))
    assert "vectors, gap: vectors of" in found()
    mended()
    assert set(namespace) == before


def test_an_index_deleted_by_hand_is_made_and_filled_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn, configure: Configure
) -> None:
    before = set(pinecone_vendor.namespaces[namespace_of(alice)])
    pinecone_vendor.indexes.clear()
    pinecone_vendor.namespaces.clear()
    configure()  # another process
    assert "vectors, gap" in found()
    mended()
    assert set(pinecone_vendor.namespaces[namespace_of(alice)]) == before


def test_a_ready_file_without_all_its_vectors_is_a_gap_in_pgvector_too(
    expert: Expert, configure: Configure
) -> None:
    configure(vector_store="pgvector")
    assert "vectors, gap: vectors of" in found()
    mended()
    file = expert.files.get()
    assert not get_vector_store().missing(file, model="small").exists()


def test_a_vector_that_pinecone_lost_is_missed_minutes_later_and_made_anew(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file = read_file(alice, *(f"Bed {n}." for n in range(6)))
    lost = file.passages.get(ordinal=3).vector_id
    pinecone_vendor.loses = {lost}
    expert_over(file)
    assert lost not in pinecone_vendor.namespaces[namespace_of(alice)]
    drain(skip_delays=True)
    assert lost in pinecone_vendor.namespaces[namespace_of(alice)]
    sent = [text for request in vendors.asked("/embeddings") for text in request.body["input"]]
    assert sorted(sent) == sorted([*(f"Bed {n}." for n in range(6)), "Bed 3."])


def test_what_may_still_show_is_no_gap(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    assert "vectors: all agree" in reconcile()[1]


def test_what_shows_late_is_not_taken_for_lost(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    [look] = ProcessingTask.objects.filter(task_type="check_vectors")
    assert look.retries_at
    pinecone_vendor.settle()
    drain(skip_delays=True)
    look.refresh_from_db()
    assert look.result == {"lost": 0}
    assert not ProcessingTask.objects.filter(task_type="reembed_file").exists()


def test_a_store_that_keeps_losing_is_not_filled_for_ever(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True  # and never settles
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    drain(skip_delays=True)
    types = ProcessingTask.objects.values_list("task_type", flat=True)
    assert sorted(types) == ["check_vectors", "file_processing", "reembed_file"]
