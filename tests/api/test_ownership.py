"""Everyone sees only their own: on every route, a stranger's is like nothing at all."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import URLPattern, URLResolver
from rest_framework.test import APIClient

from experts.api.urls import urlpatterns
from experts.models import Conversation, Expert
from experts.tokens import create_token
from tests.factories import ExpertFactory, SourceFileFactory

PUBLIC = {"schema", "docs", "healthz", "readyz"}
OF_THE_VENDOR = {"voice-search", "voice-events"}  # by a secret and by a signature: test_voice.py
METHODS = ("get", "post", "patch", "delete")


def routes(patterns: list[Any], prefix: str = "") -> list[tuple[str, type]]:
    """(route, view) of every private address: the table of urls itself, so none is forgotten."""
    found: list[tuple[str, type]] = []
    for pattern in patterns:
        route = f"{prefix}{pattern.pattern}"
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and pattern.name not in PUBLIC | OF_THE_VENDOR:
            found.append((route, pattern.callback.view_class))  # type: ignore[attr-defined]
    return found


CALLS = [
    (method, route)
    for route, view in routes(urlpatterns)
    for method in METHODS
    if hasattr(view, method)
]


@pytest.fixture
def ids(db: None) -> dict[str, str]:
    """The ids of a stranger's things."""
    stranger = ExpertFactory(ready=True)
    file = SourceFileFactory(owner=stranger.owner)
    talk = Conversation.objects.create(expert=stranger, user=stranger.owner, title="Secret")
    return {"file_id": str(file.pk), "expert_id": str(stranger.pk), "conversation_id": str(talk.pk)}


def address(route: str, ids: dict[str, str]) -> str:
    for name, value in ids.items():
        route = route.replace(f"<uuid:{name}>", value)
    return f"/{route}"


def call(api: APIClient, method: str, path: str) -> Any:
    return getattr(api, method)(path, {} if method == "get" else None)


def test_the_table_of_calls_is_whole() -> None:
    assert len(CALLS) >= 24


@pytest.mark.parametrize(("method", "route"), [call for call in CALLS if "<uuid:" in call[1]])
def test_a_stranger_finds_nothing(
    api: APIClient, ids: dict[str, str], method: str, route: str
) -> None:
    response = call(api, method, address(route, ids))
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
    assert Expert.objects.filter(pk=ids["expert_id"]).exists()


@pytest.mark.parametrize(("method", "route"), CALLS)
def test_without_a_token_nobody_gets_in(ids: dict[str, str], method: str, route: str) -> None:
    response = call(APIClient(), method, address(route, ids))
    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Token")
    assert response.json()["error"]["code"] == "not_authenticated"


@pytest.mark.parametrize("route", sorted({route for _, route in CALLS}))
def test_options_are_told_without_the_things(
    api: APIClient, ids: dict[str, str], route: str
) -> None:
    response = api.options(address(route, ids))
    assert response.status_code == 200
    assert "Secret" not in response.content.decode()


@pytest.mark.parametrize("token", ["", "x", "a b", "0" * 64, "\xff\xfe", "a\x00b", "é"])
def test_a_wrong_token_is_refused(db: None, token: str) -> None:
    response = APIClient().get("/experts/", HTTP_AUTHORIZATION=f"Token {token}")
    assert (response.status_code, response.json()["error"]["code"]) == (
        401,
        "authentication_failed",
    )


def test_a_token_opens_its_owners_things(alice: User) -> None:
    ExpertFactory(owner=alice, name="Mine")
    response = APIClient().get("/experts/", HTTP_AUTHORIZATION=f"Token {create_token(alice)}")
    assert [expert["name"] for expert in response.json()["results"]] == ["Mine"]


def test_another_persons_conversation_with_my_expert_is_not_mine(
    api: APIClient, alice: User, bob: User
) -> None:
    expert = ExpertFactory(owner=alice, ready=True)
    talk = Conversation.objects.create(expert=expert, user=bob, title="Secret")
    assert api.get(f"/experts/{expert.pk}/conversations/").json()["results"] == []
    assert api.get(f"/experts/{expert.pk}/conversations/{talk.pk}/").status_code == 404
    body = {"message": "Go on", "conversation_id": str(talk.pk)}
    assert api.post(f"/experts/{expert.pk}/chat/", body, format="json").status_code == 404


def test_a_page_of_the_site_may_call_with_its_csrf_token_only(alice: User) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(alice)
    assert browser.get("/experts/").status_code == 200
    response = browser.post("/experts/", {}, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (403, "permission_denied")
