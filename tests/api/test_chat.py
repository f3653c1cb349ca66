"""Searching, asking, looking back."""

import json
import uuid
from typing import Any

import pytest
from rest_framework.response import Response
from rest_framework.test import APIClient

from experts.models import Conversation, Expert, Message
from tests.api.conftest import COFFEE

QUESTION = "Is coffee for guests deductible?"


def ask(api: APIClient, expert: Expert, **body: Any) -> Response:
    return api.post(f"/experts/{expert.pk}/chat/", {"message": QUESTION} | body, format="json")


def events_of(response: Any) -> list[tuple[str, Any]]:
    """(name, data) of each event."""
    text = b"".join(response.streaming_content).decode()
    parts = (
        dict(line.split(": ", 1) for line in part.split("\n")) for part in text.split("\n\n")[:-1]
    )
    return [(part["event"], json.loads(part["data"])) for part in parts]


def test_a_search_finds_the_passage(api: APIClient, expert: Expert) -> None:
    body = api.post(f"/experts/{expert.pk}/search/", {"query": "coffee"}, format="json").json()
    [hit] = body["results"]
    file = expert.files.get()
    assert (hit["file_id"], hit["file_name"]) == (str(file.pk), "coffee.txt")
    assert (hit["page"], hit["location"]) == (1, "Lines 1–3")
    assert "Coffee for guests" in hit["text"]
    assert {"passage_id", "score"} < hit.keys()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "query"),
        ({"query": ""}, "query"),
        ({"query": "  "}, "query"),
        ({"query": "a\u0000b"}, "query"),
        ({"query": ["a"]}, "query"),
        ({"query": "x" * 2001}, "query"),
        ({"query": "coffee", "limit": 0}, "limit"),
        ({"query": "coffee", "limit": 51}, "limit"),
        ({"query": "coffee", "limit": "all"}, "limit"),
    ],
)
def test_a_wrong_search_is_named(
    api: APIClient, expert: Expert, body: dict[str, Any], field: str
) -> None:
    response = api.post(f"/experts/{expert.pk}/search/", body, format="json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])


def test_an_answer_cites_its_passages(api: APIClient, expert: Expert) -> None:
    body = ask(api, expert).json()
    answer = body["answer"]
    [citation] = answer["citations"]
    assert body["success"]
    assert answer["grounded"]
    assert "[1]" in answer["text"]
    assert (citation["number"], citation["file_name"], citation["page"]) == (1, "coffee.txt", 1)
    assert citation["file_id"] == str(expert.files.get().pk)
    assert citation["text"] in COFFEE


def test_what_the_files_do_not_hold_is_said_plainly(api: APIClient, expert: Expert) -> None:
    answer = ask(api, expert, message="zebra quantum xylophone").json()["answer"]
    assert (answer["grounded"], answer["citations"]) == (False, [])
    assert answer["text"]


def test_an_answer_streams(api: APIClient, expert: Expert) -> None:
    response = api.post(
        f"/experts/{expert.pk}/chat/",
        {"message": QUESTION},
        format="json",
        headers={"Accept": "text/event-stream"},
    )
    assert response["Content-Type"] == "text/event-stream"
    events = events_of(response)
    assert {name for name, _ in events} == {"token", "citation", "done"}
    said = "".join(data["text"] for name, data in events if name == "token")
    name, done = events[-1]
    assert (name, done["answer"]["text"]) == ("done", said)
    assert done["conversation_id"] == str(Conversation.objects.get().pk)
    assert response["Conversation-Id"] == done["conversation_id"]
    assert [data for name, data in events if name == "citation"] == done["answer"]["citations"]


def test_a_conversation_goes_on_and_is_kept(api: APIClient, expert: Expert) -> None:
    first = ask(api, expert).json()["conversation_id"]
    assert ask(api, expert, conversation_id=first).json()["conversation_id"] == first
    body = api.get(f"/experts/{expert.pk}/conversations/").json()
    assert [(talk["id"], talk["title"]) for talk in body["results"]] == [(first, QUESTION)]
    talk = api.get(f"/experts/{expert.pk}/conversations/{first}/").json()["conversation"]
    assert [message["role"] for message in talk["messages"]] == ["person", "expert"] * 2
    assert talk["messages"][1]["citations"][0]["file_name"] == "coffee.txt"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chat/", {"message": QUESTION}),
        ("search/", {"query": QUESTION}),
    ],
)
def test_nothing_is_asked_before_the_files_are_read(
    api: APIClient, waiting_expert: Expert, path: str, body: dict[str, Any]
) -> None:
    response = api.post(f"/experts/{waiting_expert.pk}/{path}", body, format="json")
    said = response.json()
    assert (response.status_code, said["error"]["code"]) == (409, "not_ready")
    assert (said["progress"]["queue_position"], said["progress"]["stage"]) == (1, "queued")
    assert not Conversation.objects.exists()


def test_a_stream_that_cannot_begin_is_an_error_in_json(
    api: APIClient, waiting_expert: Expert
) -> None:
    response = api.post(
        f"/experts/{waiting_expert.pk}/chat/",
        {"message": QUESTION},
        format="json",
        headers={"Accept": "text/event-stream"},
    )
    assert (response.status_code, response["Content-Type"]) == (409, "application/json")
    assert response.json()["error"]["code"] == "not_ready"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"message": ""}, "message"),
        ({"message": "\n "}, "message"),
        ({"message": None}, "message"),
        ({"message": {"text": "a"}}, "message"),
        ({"message": "a\u0000b"}, "message"),
        ({"message": "x" * 4001}, "message"),
        ({"conversation_id": "latest"}, "conversation_id"),
        ({"conversation_id": []}, "conversation_id"),
    ],
)
def test_a_wrong_question_is_named(
    api: APIClient, expert: Expert, body: dict[str, Any], field: str
) -> None:
    response = ask(api, expert, **body)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, [field])
    assert not Conversation.objects.exists()


def test_a_conversation_that_is_not_there_is_not_found(api: APIClient, expert: Expert) -> None:
    assert ask(api, expert, conversation_id=str(uuid.uuid4())).status_code == 404


def test_a_conversation_is_renamed(api: APIClient, expert: Expert) -> None:
    path = f"/experts/{expert.pk}/conversations/{ask(api, expert).json()['conversation_id']}/"
    shown = api.patch(path, {"title": " Coffee ☕ "}, format="json").json()["conversation"]
    assert (shown["title"], len(shown["messages"])) == ("Coffee ☕", 2)
    assert Conversation.objects.get().title == "Coffee ☕"


@pytest.mark.parametrize("title", ["", "  ", None, ["a"], "x" * 121, "a\u0000b"])
def test_a_wrong_title_changes_nothing(api: APIClient, expert: Expert, title: Any) -> None:
    path = f"/experts/{expert.pk}/conversations/{ask(api, expert).json()['conversation_id']}/"
    response = api.patch(path, {"title": title}, format="json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["title"])
    assert Conversation.objects.get().title == QUESTION


def test_a_conversation_is_deleted_with_what_was_said(api: APIClient, expert: Expert) -> None:
    path = f"/experts/{expert.pk}/conversations/{ask(api, expert).json()['conversation_id']}/"
    assert api.delete(path).json() == {"success": True}
    assert not Message.objects.exists()
    assert (api.get(path).status_code, api.delete(path).status_code) == (404, 404)
