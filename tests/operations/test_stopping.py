"""Answers that somebody stops, and conversations that go meanwhile."""

import pytest
from django.contrib.auth.models import User

from experts.chat.answering import Done, Token
from experts.models import Conversation, Expert, Message
from experts.operations import Asking, ask
from experts.operations.chat import STOPPED
from tests.factories import ExpertFactory
from tests.fakes import FakeAnswerer, FakeEmbedder
from tests.learning import learnt


@pytest.fixture
def expert(alice: User, embedder: FakeEmbedder) -> Expert:
    file = learnt("Coffee for guests is deductible.", owner=alice)
    return ExpertFactory(owner=alice, files=[file], ready=True)


def asking(expert: Expert) -> Asking:
    return ask(expert, "Is coffee deductible?", user=expert.owner)


def test_what_came_so_far_is_kept_with_its_citations(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    answerer.pieces = ["In full [1].", " But keep", " the receipt."]
    _, events = asking(expert)
    while next(events) != Token(" But keep"):
        pass
    events.close()
    kept = Message.objects.get(role="expert")
    assert (kept.text, kept.grounded, kept.notice) == ("In full [1]. But keep", True, STOPPED)
    assert [citation["number"] for citation in kept.citations] == [1]
    assert answerer.closed


def test_an_answer_that_had_not_begun_is_not_kept(expert: Expert, answerer: FakeAnswerer) -> None:
    _, events = asking(expert)
    events.close()
    assert [message.role for message in Message.objects.all()] == ["person"]


def test_a_whole_answer_is_kept_once(expert: Expert, answerer: FakeAnswerer) -> None:
    _, events = asking(expert)
    assert any(isinstance(event, Done) for event in events)  # and nobody waits for the end
    events.close()
    assert Message.objects.get(role="expert").notice == ""


@pytest.mark.django_db(transaction=True)
def test_a_conversation_that_is_deleted_meanwhile_stays_deleted(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    _, events = asking(expert)
    next(events)
    Conversation.objects.all().delete()
    assert list(events)
    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
