"""Talking on the page of an expert."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experts.models import Conversation, Expert, Message, SourceFile
from tests.views.html import attributes, text, texts


@pytest.fixture
def answer(alice: User, expert: Expert, file: SourceFile) -> Message:
    """An answer that cites the second page."""
    talk = Conversation.objects.create(expert=expert, user=alice, title="What is there?")
    talk.messages.create(role="person", text="What is there?")
    citation: dict[str, Any] = {
        "number": 1,
        "passage_id": 7,
        "file_id": str(file.pk),
        "file_name": file.name,
        "page": 2,
        "location": "Page 2",
        "text": "Text 2.",
        "highlights": [[0, 4]],
    }
    return talk.messages.create(
        role="expert", text="Text two [1], not [2].", grounded=True, citations=[citation]
    )


def page_of(client: Client, answer: Message) -> Any:
    talk = answer.conversation
    return client.get(f"/dashboard/experts/{talk.expert_id}/", {"conversation": str(talk.pk)})


def test_a_conversation_is_kept_and_listed(client: Client, answer: Message) -> None:
    response = page_of(client, answer)
    assert text(response, "#chat-title") == "What is there?"
    assert texts(response, ".message.mine .message-text")[0] == "What is there?"
    assert texts(response, "#conversations a") == ["What is there?"]


def test_a_citation_leads_to_its_page(client: Client, answer: Message, file: SourceFile) -> None:
    response = page_of(client, answer)
    assert attributes(response, ".message-text .chip", "href") == [
        f"/dashboard/files/{file.pk}/?at=2#page-2"
    ]
    assert "not [2]." in text(response, ".expert-says .message-text")


def test_the_quoted_passage_is_marked(client: Client, answer: Message) -> None:
    response = client.get(f"/dashboard/messages/{answer.pk}/quotes/1/")
    assert (text(response, "h2"), text(response, "mark")) == ("guide.txt", "Text")
    assert "Page 2" in text(response, ".quote-head")


def test_a_passage_outlives_its_file(client: Client, answer: Message, file: SourceFile) -> None:
    file.delete()
    response = client.get(f"/dashboard/messages/{answer.pk}/quotes/1/")
    assert text(response, ".quote-text") == "Text 2."
    assert "has been deleted" in text(response, ".quote-foot")


def test_what_is_not_cited_is_not_found(client: Client, answer: Message) -> None:
    assert client.get(f"/dashboard/messages/{answer.pk}/quotes/2/").status_code == 404


def test_the_answer_comes_once_more_as_the_page_shows_it(client: Client, answer: Message) -> None:
    response = client.get(f"/dashboard/conversations/{answer.conversation_id}/answer/")
    where = f"#message-{answer.pk}"
    assert text(response, where) == text(page_of(client, answer), where)
    assert attributes(response, "#chat-head", "hx-swap-oob") == ["true"]


def test_text_of_documents_is_never_markup(client: Client, answer: Message) -> None:
    evil = "<img src=x onerror=alert(1)>"
    answer.citations[0] |= {"text": evil, "file_name": evil, "highlights": []}
    answer.text = f"{evil} [1]"
    answer.save()
    quote = client.get(f"/dashboard/messages/{answer.pk}/quotes/1/")
    for response in (quote, page_of(client, answer)):
        assert evil not in response.content.decode()


def test_without_javascript_a_question_is_answered_on_the_page(
    client: Client, expert: Expert
) -> None:
    response = client.post(
        f"/dashboard/experts/{expert.pk}/ask/", {"message": "Is there cake?"}, follow=True
    )
    [question, said] = Message.objects.all()
    assert (question.text, said.role) == ("Is there cake?", "expert")
    assert said.text in text(response, f"#message-{said.pk}")


def test_a_question_to_an_expert_that_still_learns_is_refused_in_words(
    client: Client, waiting_expert: Expert
) -> None:
    response = client.post(
        f"/dashboard/experts/{waiting_expert.pk}/ask/", {"message": "Ready?"}, follow=True
    )
    assert "still learning" in text(response, ".toast")
    assert not Message.objects.exists()


def test_an_answer_can_be_copied_with_its_sources(client: Client, answer: Message) -> None:
    response = page_of(client, answer)
    [copied] = attributes(response, "[data-copy]", "data-copy")
    assert text(response, f"#{copied}") == "Text two [1], not [2]. [1] guide.txt, Page 2"


def test_no_answer_comes_before_the_latest_question_is_answered(
    client: Client, answer: Message
) -> None:
    answer.conversation.messages.create(role="person", text="And then?")
    path = f"/dashboard/conversations/{answer.conversation_id}/answer/"
    assert client.get(path).status_code == 404


def test_a_conversation_is_renamed(client: Client, answer: Message) -> None:
    path = f"/dashboard/conversations/{answer.conversation_id}/rename/"
    assert attributes(client.get(path), "#id_title", "value") == ["What is there?"]
    response = client.post(path, {"title": "Coffee"}, follow=True)
    assert text(response, "#chat-title") == "Coffee"


def test_a_title_that_is_empty_is_refused_in_words(client: Client, answer: Message) -> None:
    response = client.post(
        f"/dashboard/conversations/{answer.conversation_id}/rename/", {"title": " "}
    )
    assert response.status_code == 422
    assert "Give the conversation a title." in text(response, "form.confirm")


def test_a_conversation_is_deleted_after_a_question(client: Client, answer: Message) -> None:
    path = f"/dashboard/conversations/{answer.conversation_id}/delete/"
    assert "“What is there?” with Tax guide, 2 messages" in text(client.get(path))
    response = client.post(path, follow=True)
    assert text(response, "#chat-title") == "New conversation"
    assert not Message.objects.exists()


@pytest.mark.parametrize("then", ["rename", "delete", "answer"])
def test_a_conversation_is_its_owners(bob: User, answer: Message, then: str) -> None:
    stranger = Client()
    stranger.force_login(bob)
    path = f"/dashboard/conversations/{answer.conversation_id}/{then}/"
    assert stranger.get(path).status_code == 404
