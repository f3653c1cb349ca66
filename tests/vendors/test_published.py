"""Whether the other tests here hold the SDKs to the vendors' contracts at all."""

import pytest

from tests.vendors.messages import Request
from tests.vendors.published import ABSENT, SPECS, published

pytestmark = pytest.mark.skipif(not SPECS.exists(), reason=ABSENT)


def request(body: object) -> Request:
    return Request("openai", "POST", "/embeddings", query={}, headers={}, body=body, size=0)


def test_a_right_request_meets_no_objection() -> None:
    body = {"model": "text-embedding-3-small", "input": ["coffee"]}
    assert list(published("openai").problems("POST", "/embeddings", request(body))) == []


def test_a_missing_field_is_named() -> None:
    problems = list(published("openai").problems("POST", "/embeddings", request({"input": []})))
    assert any("'model' is a required property" in problem for problem in problems)


def test_an_unknown_path_is_named() -> None:
    problems = list(published("openai").problems("POST", "/nowhere", request({})))
    assert problems == ["openai has no POST /nowhere"]


def test_a_misspelt_field_is_named_where_the_vendor_would_drop_it() -> None:
    body = {"conversation_config": {"agent": {"first_mesage": "Hello"}}}
    path = "/v1/convai/agents/create"
    problems = list(published("elevenlabs", strict=True).problems("POST", path, request(body)))
    assert any("first_mesage" in problem for problem in problems)
