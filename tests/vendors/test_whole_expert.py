"""A whole expert on vendors only: uploaded, learnt, asked, talked with, deleted."""

import pytest
from django.contrib.auth.models import User

from experts.chat.answering import Done
from experts.models import Expert, PassageVector, SourceFile, StoredVector
from experts.operations import ask, create_expert, delete_expert, delete_file, upload_file
from experts.progress import progress_of
from experts.providers import get_voice_agents
from queueing.testing import drain
from tests.documents import long_text, upload
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.messages import Reset
from tests.vendors.openai_standin import refusal
from tests.vendors.pinecone_standin import PineconeStandIn, namespace_of
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)

TEXT = "The café opens at nine in the morning. " + long_text(60, about="Garden")


def expert_of(owner: User) -> Expert:
    file = upload_file(upload(TEXT), owner=owner).file
    return create_expert(owner=owner, name="Barista", files=[file]).expert


def answer_of(expert: Expert, question: str = "When does the café open in the morning?") -> Done:
    *_, done = ask(expert, question, user=expert.owner).events
    assert isinstance(done, Done)
    return done


def test_it_becomes_ready_and_answers_with_a_citation(vendors: StandIn, alice: User) -> None:
    expert = expert_of(alice)
    drain()
    assert progress_of(expert)["status"] == "completed"
    expert.refresh_from_db()
    answer = answer_of(expert)
    assert answer.text == "The café opens at nine [1]."
    assert answer.grounded
    assert "nine in the morning" in answer.citations[0]["text"]


def test_its_vectors_are_at_pinecone_and_only_noted_here(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    expert_of(alice)
    drain()
    stored = pinecone_vendor.namespaces[namespace_of(alice)]
    assert len(stored) == StoredVector.objects.count() > 1
    assert not PassageVector.objects.exists()


def test_it_has_an_agent_and_a_voice(vendors: StandIn, alice: User) -> None:
    expert = expert_of(alice)
    assert expert.agent_status == "ready"
    assert expert.agent_id in get_voice_agents().session_url(expert)


def test_a_voice_vendor_that_is_down_costs_no_input_and_is_asked_again_by_the_queue(
    vendors: StandIn, alice: User, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    vendors.misbehave("/agents/create", Reset())
    expert = expert_of(alice)
    assert expert.agent_status == "pending"
    drain()
    expert.refresh_from_db()
    assert expert.agent_id in elevenlabs_vendor.agents
    assert expert.agent_status == "ready"
    assert elevenlabs_vendor.left() == 3


def test_a_short_trouble_in_the_middle_pays_for_no_embedding_twice(
    vendors: StandIn, alice: User
) -> None:
    vendors.misbehave("/vectors/upsert", Reset(), times=2)
    expert = expert_of(alice)
    drain()
    assert progress_of(expert)["status"] == "completed"
    sent = [text for request in vendors.asked("/embeddings") for text in request.body["input"]]
    assert len(sent) == len(set(sent))


def test_a_rejected_key_fails_at_once_with_the_remedy(vendors: StandIn, alice: User) -> None:
    vendors.misbehave("/embeddings", refusal(401, "Incorrect API key"), times=9)
    expert = expert_of(alice)
    drain()
    progress = progress_of(expert)
    assert progress["status"] == "failed"
    assert "Check OPENAI_API_KEY" in progress["details"]["message"]
    assert len(vendors.asked("/embeddings")) == 1


def test_with_every_vendor_down_chat_still_answers_from_the_words(
    vendors: StandIn, alice: User
) -> None:
    expert = expert_of(alice)
    drain()
    expert.refresh_from_db()
    for path in ("/embeddings", "/query", "/chat/completions"):
        vendors.misbehave(path, refusal(503, "Down"), times=99)
    answer = answer_of(expert)
    assert "opens at nine in the morning" in answer.text
    assert "by words alone" in answer.notice
    assert "language model failed" in answer.notice


def test_deleting_everything_leaves_nothing_at_any_vendor(
    vendors: StandIn,
    alice: User,
    pinecone_vendor: PineconeStandIn,
    elevenlabs_vendor: ElevenLabsStandIn,
) -> None:
    expert = expert_of(alice)
    drain()
    delete_expert(expert)
    delete_file(SourceFile.objects.get())
    drain()
    assert pinecone_vendor.namespaces == {namespace_of(alice): {}}
    assert elevenlabs_vendor.left() == 0
