"""Talking aloud: an agent that searches, a vendor that tells of talks, a person who begins one."""

import hmac
import json
import threading
import time
from hashlib import sha256
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from experts.costs import used_by
from experts.models import Conversation, Expert, VendorUsage
from experts.operations import delete_file
from experts.operations.talks import PATIENCE
from experts.providers.base import NoAgentError, Vector
from experts.providers.usage import Kind, record
from experts.providers.vendor import Vendor
from experts.providers.voice_secret import voice_secret
from experts.views.phrases import used_in_words
from queueing.models import ProcessingTask
from tests.factories import ExpertFactory
from tests.fakes import FakeEmbedder
from tests.learning import learnt

pytestmark = pytest.mark.django_db(transaction=True)  # the search by meaning has its own connection

SECRET = "the-webhook-secret-0123456789"
COFFEE = "Coffee for guests is deductible in full. Keep the receipt for seven years."
TRAVEL = "Travel by train is deductible when the meeting was announced in writing."


@pytest.fixture
def expert(alice: User, embedder: FakeEmbedder) -> Expert:
    file = learnt(COFFEE, TRAVEL, owner=alice, name="tax.txt")
    return ExpertFactory(owner=alice, files=[file], ready=True, agent_id="agent_1")


def search(expert: Expert, query: str = "Is coffee deductible?", **given: Any) -> Response:
    body = {"expert_id": str(given.get("expert_id", expert.pk)), "query": query}
    secret = given.get("secret", voice_secret(expert.pk))
    return APIClient().post(
        "/voice/search/", body, format="json", headers={"X-Expert-Secret": secret}
    )


def test_an_agent_reads_numbered_passages_and_knows_their_pages(expert: Expert) -> None:
    found = search(expert).json()
    first = found["citations"][0]
    assert found["text"].startswith(f"[1] tax.txt, Page 1: {COFFEE}")
    assert (first["number"], first["file_name"], first["page"]) == (1, "tax.txt", 1)
    assert first["file_id"] == str(expert.files.get().pk)


def test_what_the_files_do_not_hold_is_said(expert: Expert) -> None:
    found = search(expert, "zebra crossing Antarctica").json()
    assert found["citations"] == []
    assert "hold nothing about that" in found["text"]


@pytest.mark.parametrize("secret", ["", "wrong", "é" * 64, "0" * 64])
def test_a_wrong_secret_finds_nothing(expert: Expert, secret: str) -> None:
    response = search(expert, secret=secret)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "wrong_secret")
    assert "Coffee" not in response.content.decode()


def test_a_secret_opens_its_own_expert_only(expert: Expert) -> None:
    strangers = ExpertFactory(ready=True)
    assert search(strangers, expert_id=expert.pk).status_code == 401
    assert search(strangers, secret=voice_secret(expert.pk)).status_code == 401
    assert search(strangers).json()["citations"] == []


def test_the_secret_of_a_deleted_expert_opens_nothing(expert: Expert) -> None:
    gone = uuid4()
    assert search(expert, expert_id=gone, secret=voice_secret(gone)).status_code == 404


def test_secrets_are_compared_in_constant_time(
    expert: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(given: str, right: str) -> bool:
        compared.append((given, right))
        return hmac.compare_digest(given, right)

    monkeypatch.setattr("experts.providers.voice_secret.constant_time_compare", compare)
    search(expert, secret="wrong")
    assert compared == [("wrong", voice_secret(expert.pk))]


def test_a_deleted_file_is_not_found_any_more(expert: Expert) -> None:
    delete_file(expert.files.get())
    assert search(expert).json()["citations"] == []


def test_before_the_files_are_read_it_says_so(expert: Expert) -> None:
    waiting = ExpertFactory()
    assert search(waiting).json()["error"]["code"] == "not_ready"


def test_nobody_waits_for_a_slow_embedder(
    expert: Expert, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.operations.talks.PATIENCE", 0.05)
    answered, gave_up = threading.Event(), threading.Event()
    quick = embedder.embed_query

    def slow(text: str) -> Vector:
        assert answered.wait(20)  # it is still at work when the answer is there
        gave_up.set()
        return quick(text)

    monkeypatch.setattr(embedder, "embed_query", slow)
    found = search(expert).json()
    answered.set()
    assert found["citations"][0]["page"] == 1  # found by its words
    assert gave_up.wait(20)


def test_the_search_by_meaning_leaves_time_for_the_rest_of_what_a_talk_allows() -> None:
    assert PATIENCE < 0.8 - 0.2


def test_what_a_talk_searches_is_charged_to_its_expert(
    expert: Expert, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def charged(text: str) -> Vector:
        record(Vendor("OpenAI", "OPENAI_API_KEY"), kind=Kind.SEARCH, model="m", tokens_in=3)
        return quick(text)

    quick = embedder.embed_query
    monkeypatch.setattr(embedder, "embed_query", charged)
    search(expert)
    [entry] = VendorUsage.objects.all()
    assert (entry.owner, entry.expert_id) == (expert.owner, expert.pk)


@pytest.mark.parametrize(
    ("body", "field"),
    [({"query": "a"}, "expert_id"), ({"expert_id": str(uuid4())}, "query"), ({}, "query")],
)
def test_a_question_that_is_not_whole_is_named(db: None, body: dict[str, str], field: str) -> None:
    response = APIClient().post("/voice/search/", body, format="json")
    assert (response.status_code, field in response.json()["error"]["fields"]) == (400, True)


@pytest.fixture
def signed(settings: Settings) -> None:
    """The site knows the secret of the vendor's webhooks."""
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(
        update={"elevenlabs_webhook_secret": SECRET}
    )


def event(expert: Expert, **changes: Any) -> dict[str, Any]:
    """A talk in which the agent greets, is asked, searches, and answers."""
    passage = expert.files.get().passages.first()
    found = json.dumps({"citations": [{"number": 1, "passage_id": passage and passage.pk}]})
    result = {"tool_name": "search", "result_value": found}
    transcript = [
        {"role": "agent", "message": "Hello.", "time_in_call_secs": 0},
        {"role": "user", "message": "Is coffee deductible?", "time_in_call_secs": 2},
        {"role": "agent", "message": None, "time_in_call_secs": 3, "tool_results": [result]},
        {"role": "agent", "message": "Yes, in full.", "time_in_call_secs": 3},
    ]
    data = {
        "agent_id": "agent_1",
        "conversation_id": "conv_1",
        "status": "done",
        "transcript": transcript,
        "metadata": {"start_time_unix_secs": 1_700_000_000, "call_duration_secs": 9},
    }
    return {
        "type": "post_call_transcription",
        "event_timestamp": 1_700_000_009,
        "data": data | changes,
    }


def send(
    body: Any, *, secret: str = SECRET, at: float | None = None, header: str | None = None
) -> Response:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    sent = int(time.time() if at is None else at)
    digest = hmac.new(secret.encode(), f"{sent}.".encode() + raw, sha256).hexdigest()
    signature = f"t={sent},v0={digest}" if header is None else header
    return APIClient().post(
        "/voice/events/",
        raw,
        content_type="application/json",
        headers={"ElevenLabs-Signature": signature},
    )


def test_a_talk_joins_the_conversations_with_what_it_cited(expert: Expert, signed: None) -> None:
    assert send(event(expert)).json() == {"success": True}
    talk = Conversation.objects.get(expert=expert, user=expert.owner)
    said = [(message.role, message.text) for message in talk.messages.all()]
    assert talk.title == "Is coffee deductible?"
    assert said == [
        ("expert", "Hello."),
        ("person", "Is coffee deductible?"),
        ("expert", "Yes, in full."),
    ]
    [citation] = talk.messages.last().citations
    assert (citation["file_name"], citation["page"], citation["text"]) == ("tax.txt", 1, COFFEE)


def test_an_event_told_twice_is_heard_once(expert: Expert, signed: None) -> None:
    assert [send(event(expert)).status_code for _ in range(3)] == [200, 200, 200]
    assert Conversation.objects.get().messages.count() == 3
    [entry] = VendorUsage.objects.all()
    assert (entry.kind, entry.seconds, entry.expert_id) == ("talk", 9, expert.pk)


def test_the_minutes_of_talks_are_shown_beside_the_tokens(expert: Expert, signed: None) -> None:
    assert used_in_words(used_by(expert.pk)) == ""
    send(event(expert))
    assert used_in_words(used_by(expert.pk)) == "9 s of talk"
    VendorUsage.objects.create(kind="chat", vendor="X", expert_id=expert.pk, tokens_in=5)
    assert used_in_words(used_by(expert.pk)) == "5 tokens in 1 call; 9 s of talk"


@pytest.mark.parametrize(
    "header",
    ["", "t=1", "v0=abc", "t=x,v0=abc", "t=²,v0=a", "t=-1,v0=a", f"t={'9' * 40},v0=a", "é", ",,="],
)
def test_what_is_not_signed_is_not_heard(expert: Expert, signed: None, header: str) -> None:
    response = send(event(expert), header=header)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "wrong_signature")
    assert not Conversation.objects.exists()


@pytest.mark.parametrize("minutes", [-31, 31])
def test_a_signature_from_another_time_is_not_heard(
    expert: Expert, signed: None, minutes: int
) -> None:
    assert send(event(expert), at=time.time() + minutes * 60).status_code == 401
    assert send(event(expert), at=time.time() + minutes * 0.9 * 60).status_code == 200


def test_a_signature_by_another_secret_is_not_heard(expert: Expert, signed: None) -> None:
    assert send(event(expert), secret="another").status_code == 401


def test_a_body_that_was_changed_on_the_way_is_not_heard(expert: Expert, signed: None) -> None:
    raw = json.dumps(event(expert)).encode()
    sent = int(time.time())
    digest = hmac.new(SECRET.encode(), f"{sent}.".encode() + raw, sha256).hexdigest()
    changed = raw.replace(b"coffee", b"cocoa ")
    assert send(changed, header=f"t={sent},v0={digest}").status_code == 401


def test_without_a_secret_of_the_site_nothing_is_heard(expert: Expert) -> None:
    assert send(event(expert), secret="").status_code == 401


def test_the_signature_is_checked_before_the_body_is_read(signed: None, db: None) -> None:
    assert send(b"{not json", secret="another").status_code == 401
    assert send(b"{not json").status_code == 400


@pytest.mark.parametrize(
    "changes",
    [
        {"agent_id": "of another site"},
        {"transcript": []},
        {"transcript": [{"role": "agent", "message": "Hello?", "time_in_call_secs": 0}]},
    ],
)
def test_what_is_not_a_talk_with_us_is_passed_over(
    expert: Expert, signed: None, changes: dict[str, Any]
) -> None:
    assert send(event(expert, **changes)).status_code == 200
    assert send({"type": "post_call_audio", "data": {}}).status_code == 200
    assert not Conversation.objects.exists()


def test_a_file_that_was_deleted_meanwhile_is_not_cited(expert: Expert, signed: None) -> None:
    told = event(expert)
    delete_file(expert.files.get())
    send(told)
    assert Conversation.objects.get().messages.last().citations == []


def test_a_talk_tells_nothing_of_strangers_files(expert: Expert, signed: None, bob: User) -> None:
    his = ExpertFactory(owner=bob, files=[learnt("Secret.", owner=bob)], agent_id="agent_2")
    send(event(expert, transcript=event(his)["data"]["transcript"]))
    assert Conversation.objects.get().messages.last().citations == []


def test_without_a_vendor_there_is_no_voice(api: APIClient, expert: Expert) -> None:
    response = api.post(f"/experts/{expert.pk}/voice/session/")
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (409, "voice_unavailable")
    assert "ELEVENLABS_API_KEY" in error["message"]


class FakeAgents:
    def session_url(self, expert: Expert) -> str:
        if not expert.agent_id:
            raise NoAgentError("Still being made.")
        return f"wss://voice.example/{expert.pk}"


@pytest.fixture
def spoken(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.PROVIDERS = {**settings.PROVIDERS, "VOICE": "elevenlabs"}
    monkeypatch.setattr("experts.operations.voices.get_voice_agents", FakeAgents)


def test_with_a_vendor_the_browser_gets_an_address(
    api: APIClient, expert: Expert, spoken: None
) -> None:
    body = api.post(f"/experts/{expert.pk}/voice/session/").json()
    assert body == {"success": True, "session_url": f"wss://voice.example/{expert.pk}"}


def test_an_agent_that_is_missing_is_made_and_said_to_be(
    api: APIClient, alice: User, spoken: None
) -> None:
    expert = ExpertFactory(owner=alice, ready=True)
    response = api.post(f"/experts/{expert.pk}/voice/session/")
    assert (response.status_code, response.json()["error"]["message"]) == (503, "Still being made.")
    assert ProcessingTask.objects.get(expert_id=expert.pk).task_type == "sync_voice_agent"


def test_nobody_talks_before_the_files_are_read(api: APIClient, alice: User, spoken: None) -> None:
    waiting = ExpertFactory(owner=alice)
    response = api.post(f"/experts/{waiting.pk}/voice/session/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_ready")
