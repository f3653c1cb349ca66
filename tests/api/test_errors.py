"""Whatever goes wrong is said in one form, with the right status and what to do."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient
from rest_framework.throttling import UserRateThrottle

from experts.models import Expert
from experts.providers.base import ProviderError

JSON = "application/json"


def body_of(response: Any) -> dict[str, Any]:
    """The error, after checking that it stands in the envelope."""
    body = response.json()
    assert response["Content-Type"] == JSON
    assert body["success"] is False
    assert body["error"]["message"].endswith(".")
    error: dict[str, Any] = body["error"]
    return error


@pytest.mark.parametrize(
    "body",
    ["{", '{"name": }', "\xff\xfe", '{"name": NaN}', "[" * 100_000, '{"a":' * 100_000, ""],
)
def test_malformed_json_is_refused(api: APIClient, body: str) -> None:
    response = api.post("/experts/", body.encode("latin1"), content_type=JSON)
    assert response.status_code == 400
    assert body_of(response)["code"] in ("parse_error", "invalid")


@pytest.mark.parametrize("body", ["[]", "[1]", '"text"', "1", "null", "true"])
def test_json_that_is_no_object_is_refused(api: APIClient, body: str) -> None:
    response = api.post("/experts/", body, content_type=JSON)
    assert (response.status_code, body_of(response)["code"]) == (400, "parse_error")


def test_a_body_without_end_is_not_read(api: APIClient, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    response = api.post("/experts/", '{"name": "%s"}' % ("x" * 1000), content_type=JSON)
    assert (response.status_code, body_of(response)["code"]) == (413, "too_large")


@pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "nonsense"])
def test_a_body_of_another_kind_is_refused(api: APIClient, media_type: str) -> None:
    response = api.post("/experts/", "name=a", content_type=media_type)
    assert (response.status_code, body_of(response)["code"]) == (415, "unsupported_media_type")
    assert "Send JSON" in body_of(response)["message"]


def test_a_wrong_method_is_refused_with_the_right_ones(api: APIClient) -> None:
    response = api.put("/experts/", {}, format="json")
    assert (response.status_code, body_of(response)["code"]) == (405, "method_not_allowed")
    assert "POST" in response["Allow"]
    assert "This address takes GET, POST" in body_of(response)["message"]


@pytest.mark.parametrize("page", ["0", "-1", "abc", "9" * 30, "%00", "☕"])
def test_a_page_that_a_list_does_not_have_is_not_found(api: APIClient, page: str) -> None:
    response = api.get(f"/experts/?page={page}")
    assert (response.status_code, body_of(response)["code"]) == (404, "not_found")


def test_a_format_that_we_do_not_speak_is_refused(api: APIClient) -> None:
    response = api.get("/experts/", headers={"Accept": "application/xml"})
    assert (response.status_code, body_of(response)["code"]) == (406, "not_acceptable")


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", ["/experts/nothing/here/", "/files/1/", "/queue/x/"])
def test_an_unknown_address_is_said_in_json(
    api: APIClient, settings: Settings, path: str, debug: bool
) -> None:
    settings.DEBUG = debug
    response = api.get(path)
    assert (response.status_code, body_of(response)["code"]) == (404, "not_found")


def test_elsewhere_json_comes_when_it_is_asked_for(client: Client) -> None:
    response = client.get("/nowhere/", headers={"Accept": JSON})
    assert (response.status_code, body_of(response)["code"]) == (404, "not_found")


def test_a_browser_gets_a_page(client: Client) -> None:
    response = client.get("/nowhere/", headers={"Accept": "text/html,*/*"})
    assert (response.status_code, response["Content-Type"][:9]) == (404, "text/html")


@pytest.mark.parametrize("debug", [True, False])
def test_the_last_slash_may_be_missing(api: APIClient, settings: Settings, debug: bool) -> None:
    settings.DEBUG = debug
    assert api.get("/experts").status_code == 200
    response = api.post("/experts", {}, format="json")
    assert body_of(response)["fields"].keys() == {"name", "selected_files"}


def test_too_many_requests_are_told_when_to_come_back(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rest_framework.views.APIView.throttle_classes", [Once])
    assert [api.get("/queue/").status_code for _ in range(2)] == [200, 429]
    response = api.get("/queue/")
    assert body_of(response)["code"] == "throttled"
    assert int(response["Retry-After"]) > 0


class Once(UserRateThrottle):
    rate = "1/day"


def test_a_provider_that_is_down_is_named(
    api: APIClient, expert: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down(*arguments: Any, **options: Any) -> None:
        raise ProviderError("OpenAI does not answer.", retry_after=2.4)

    monkeypatch.setattr("experts.api.views.chat.ask", down)
    response = api.post(f"/experts/{expert.pk}/chat/", {"message": "Hello?"}, format="json")
    assert (response.status_code, response["Retry-After"]) == (503, "2")
    assert body_of(response) == {
        "code": "provider_unavailable",
        "message": "OpenAI does not answer.",
    }


def test_a_database_that_is_away_is_no_crash(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: Any) -> None:
        raise OperationalError("the connection is lost at 10.0.0.7")

    monkeypatch.setattr("queueing.status.queue_counts", away)
    response = api.get("/queue/")
    error = body_of(response)
    assert (response.status_code, error["code"]) == (503, "database_unavailable")
    assert "10.0.0.7" not in error["message"]


def test_what_nobody_foresaw_is_still_json(alice: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*arguments: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("queueing.status.queue_counts", broken)
    program = APIClient(raise_request_exception=False)
    program.force_authenticate(alice)
    response = program.get("/queue/")
    assert (response.status_code, body_of(response)["code"]) == (500, "error")
