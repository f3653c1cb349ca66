"""Embeddings over real HTTP, on good days and on bad ones."""

import math
from collections.abc import Iterator
from typing import Any, cast

import pytest
from django.contrib.auth.models import User

from experts.models import VendorBucket
from experts.providers import get_embedder
from experts.providers.base import ProviderError
from experts.providers.openai import OpenAIEmbedder
from experts.providers.openai.embedder import MOST_INPUTS, MOST_TOKENS
from experts.providers.pacing import pausing
from experts.providers.tokens import estimated_tokens, passage_batches
from tests.vendors.conftest import Configure
from tests.vendors.learnt import read_file
from tests.vendors.messages import KEY, Hang, Reply, Reset
from tests.vendors.openai_standin import OpenAIStandIn, refusal, vector_of
from tests.vendors.standin import StandIn


@pytest.fixture
def official(standin: StandIn, configure: Configure, monkeypatch: pytest.MonkeyPatch) -> StandIn:
    """The stand-in as OpenAI itself: where the SDK goes when nothing says otherwise."""
    monkeypatch.setenv("OPENAI_BASE_URL", standin.url("openai") + "/v1")
    configure(openai_api_key=KEY)
    return standin


@pytest.fixture
def background() -> Iterator[None]:
    """Work of a worker, which waits longer and tries more often than for a person."""
    with pausing(lambda vendor, seconds: None):
        yield


def same_direction(one: Any, other: Any) -> bool:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return math.isclose(dot / math.hypot(*one) / math.hypot(*other), 1, abs_tol=1e-6)


def test_each_text_gets_its_own_vector_whatever_order_they_come_back_in(vendors: StandIn) -> None:
    texts = ["coffee", "tax", "garden"]
    vectors = get_embedder().embed_passages(texts)
    assert all(same_direction(v, vector_of(t, 8)) for v, t in zip(vectors, texts, strict=True))


def test_vectors_have_unit_length_even_where_the_server_s_have_not(vendors: StandIn) -> None:
    vector = get_embedder().embed_query("many words make a long vector")
    assert math.hypot(*vector) == pytest.approx(1)


def test_openai_itself_is_asked_for_base64_and_its_documented_dimensions(official: StandIn) -> None:
    embedder = get_embedder()
    assert len(embedder.embed_query("coffee")) == embedder.dimensions == 1536
    (request,) = official.asked("/embeddings")
    assert request.body["encoding_format"] == "base64"
    assert "dimensions" not in request.body


def test_a_compatible_server_is_asked_for_plain_numbers(vendors: StandIn) -> None:
    get_embedder().embed_query("coffee")
    (request,) = vendors.asked("/embeddings")
    assert request.body["encoding_format"] == "float"
    assert "dimensions" not in request.body


def test_fewer_dimensions_are_asked_for_and_have_a_name_of_their_own(
    official: StandIn, configure: Configure
) -> None:
    configure(openai_embedding_dimensions=256)
    embedder = get_embedder()
    assert embedder.name == "text-embedding-3-small@256"
    assert len(embedder.embed_query("coffee")) == 256


def test_an_unknown_model_s_dimensions_are_learnt_from_its_first_answer(
    vendors: StandIn, configure: Configure, openai_vendor: OpenAIStandIn
) -> None:
    configure(openai_embedding_dimensions=None)
    openai_vendor.dimensions = 12
    assert get_embedder().dimensions == 12


@pytest.mark.parametrize("host", ["api.openai.com", "eu.api.openai.com"])
def test_openai_at_another_address_of_its_own_is_openai(
    db: None, configure: Configure, host: str
) -> None:
    configure(openai_api_key=KEY, openai_base_url=f"https://{host}/v1")
    embedder = cast("OpenAIEmbedder", get_embedder())
    assert (embedder.vendor.name, embedder.compatible) == ("OpenAI", False)
    assert embedder.vendor.limit.tokens == 1_000_000


def test_blank_texts_stay_at_home_and_still_get_a_vector(vendors: StandIn) -> None:
    vectors = get_embedder().embed_passages(["coffee", "  \n", "tax"])
    assert [math.hypot(*vector) for vector in vectors] == pytest.approx([1, 1, 1])
    (request,) = vendors.asked("/embeddings")
    assert request.body["input"] == ["coffee", "tax"]


def test_nothing_is_sent_for_nothing(vendors: StandIn) -> None:
    get_embedder().embed_passages([" ", ""])
    assert vendors.requests == []


def test_a_request_found_too_long_is_sent_in_halves(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.longest = 25
    texts = ["ten letter", "and eleven", "more words", "the finale"]
    vectors = get_embedder().embed_passages(texts)
    assert same_direction(vectors[3], vector_of("the finale", 8))
    assert [len(request.body["input"]) for request in vendors.asked("/embeddings")] == [4, 2, 2]


def test_a_text_found_too_long_is_embedded_by_its_beginning(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.longest = 600
    (vector,) = get_embedder().embed_passages(["coffee " * 120])
    assert same_direction(vector, vector_of("coffee", 8))


def test_what_is_too_long_at_any_length_fails_for_good(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.longest = 0
    with pytest.raises(ProviderError, match="too long for small") as raised:
        get_embedder().embed_passages(["coffee " * 200] * 4)
    assert raised.value.permanent
    assert len(vendors.requests) < 10


def test_vectors_of_another_length_than_expected_fail_for_good(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.dimensions = 5
    with pytest.raises(ProviderError, match="5 numbers instead of 8") as raised:
        get_embedder().embed_query("coffee")
    assert raised.value.permanent


def test_a_vector_too_few_is_not_taken_for_an_answer(vendors: StandIn) -> None:
    item = {"object": "embedding", "index": 0, "embedding": [1.0] * 8}
    lie = Reply({"object": "list", "model": "small", "data": [item], "usage": None})
    vendors.misbehave("/embeddings", lie, times=3)
    with pytest.raises(ProviderError, match="cannot be understood"):
        get_embedder().embed_passages(["coffee", "tax"])


@pytest.mark.parametrize("trouble", [refusal(500, "Oops"), refusal(503, "Busy"), Reset()])
def test_a_short_trouble_is_waited_out(vendors: StandIn, background: None, trouble: Any) -> None:
    vendors.misbehave("/embeddings", trouble, times=2)
    assert len(get_embedder().embed_passages(["coffee"])) == 1
    assert len(vendors.requests) == 3


@pytest.mark.parametrize("status", [408, 409, 425, 500, 502, 503, 504, 529])
def test_what_may_pass_is_asked_for_again(vendors: StandIn, background: None, status: int) -> None:
    vendors.misbehave("/embeddings", refusal(status, "Not now"))
    assert len(get_embedder().embed_passages(["coffee"])) == 1
    assert len(vendors.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 405, 413, 422, 451])
def test_what_will_not_pass_is_asked_for_once(
    vendors: StandIn, background: None, status: int
) -> None:
    vendors.misbehave("/embeddings", refusal(status, "Never"), times=9)
    with pytest.raises(ProviderError) as raised:
        get_embedder().embed_passages(["coffee"])
    assert raised.value.permanent
    assert len(vendors.requests) == 1


def test_a_lasting_trouble_goes_up_as_worth_another_try(vendors: StandIn, background: None) -> None:
    vendors.misbehave("/embeddings", refusal(500, "Oops"), times=9)
    with pytest.raises(ProviderError, match=r"trouble of its own \(HTTP 500\)") as raised:
        get_embedder().embed_passages(["coffee"])
    assert not raised.value.permanent
    assert len(vendors.requests) == 3


def test_a_short_pause_that_was_asked_for_is_kept(
    vendors: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        VendorBucket.objects.all().delete()  # as if the time had passed

    monkeypatch.setattr("experts.providers.pacing.time.sleep", sleep)
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers={"Retry-After": "1"}))
    get_embedder().embed_passages(["coffee"])
    assert slept == [pytest.approx(1, abs=0.5)]


def test_a_long_pause_goes_up_at_once_with_its_seconds(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers={"Retry-After": "38"}))
    with pytest.raises(ProviderError, match="asks for fewer requests") as raised:
        get_embedder().embed_passages(["coffee"])
    assert (raised.value.permanent, raised.value.retry_after) == (False, 38)
    assert len(vendors.requests) == 1


def test_without_retry_after_the_time_until_the_budget_is_full_counts(vendors: StandIn) -> None:
    headers = {"x-ratelimit-reset-requests": "20ms", "x-ratelimit-reset-tokens": "6m0.5s"}
    vendors.misbehave("/embeddings", refusal(429, "Slow down", headers=headers))
    with pytest.raises(ProviderError) as raised:
        get_embedder().embed_passages(["coffee"])
    assert raised.value.retry_after == 360.5


def test_an_account_out_of_credit_fails_for_good_and_says_so(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", refusal(429, "Quota", code="insufficient_quota"))
    with pytest.raises(ProviderError, match="out of credit") as raised:
        get_embedder().embed_passages(["coffee"])
    assert raised.value.permanent


def test_a_rejected_key_fails_for_good_and_is_not_repeated(
    vendors: StandIn, configure: Configure
) -> None:
    configure(openai_api_key="a-wrong-key-98765")
    with pytest.raises(ProviderError, match=r"rejected the key\. Check OPENAI_API_KEY") as raised:
        get_embedder().embed_passages(["coffee"])
    assert raised.value.permanent
    assert KEY not in str(raised.value)
    assert len(vendors.requests) == 1


def test_a_question_gets_no_answer_in_time_rather_than_a_long_wait(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", Hang(), times=2)
    embedder = get_embedder()
    embedder.query_timeout = 0.3
    with pytest.raises(ProviderError, match=r"did not answer within 0\.3 s"):
        embedder.embed_query("coffee")
    assert len(vendors.requests) == 1  # silence is not waited for twice


@pytest.mark.parametrize("places", [[0, 0], [0, 2], [1, 2]])
def test_an_answer_whose_places_are_not_those_of_the_texts_is_not_taken(
    vendors: StandIn, places: list[int]
) -> None:
    items = [{"object": "embedding", "index": n, "embedding": [1.0] * 8} for n in places]
    lie = Reply({"object": "list", "model": "small", "data": items, "usage": None}, described=False)
    vendors.misbehave("/embeddings", lie, times=3)
    with pytest.raises(ProviderError, match="cannot be understood"):
        get_embedder().embed_passages(["coffee", "tax"])


def test_a_vector_that_is_no_number_is_not_taken(vendors: StandIn) -> None:
    nan = '{"object": "list", "data": [{"index": 0, "embedding": [NaN, 1, 1, 1, 1, 1, 1, 1]}]}'
    vendors.misbehave("/embeddings", as_json(nan), times=3)
    with pytest.raises(ProviderError, match="cannot be understood"):
        get_embedder().embed_query("coffee")


def test_a_vector_of_zeros_becomes_that_of_a_blank_text(vendors: StandIn) -> None:
    zeros = '{"object": "list", "data": [{"index": 0, "embedding": [0, 0, 0, 0, 0, 0, 0, 0]}]}'
    vendors.misbehave("/embeddings", as_json(zeros))
    assert math.hypot(*get_embedder().embed_query("coffee")) == 1


def as_json(text: str) -> Reply:
    return Reply(text, headers={"Content-Type": "application/json"}, described=False)


def test_openai_gets_batches_as_large_as_it_takes(official: StandIn, alice: User) -> None:
    file = read_file(alice, *["word " * 240] * 800, *["x"] * 2_000)
    batches = list(passage_batches(list(file.passages.all()), get_embedder()))
    sizes = [len(batch) for batch in batches]
    tokens = [sum(estimated_tokens(each.text) for each in batch) for batch in batches]
    assert sizes == [700, MOST_INPUTS, 52]
    assert MOST_TOKENS - 400 < tokens[0] <= MOST_TOKENS


def test_while_a_person_waits_a_batch_takes_no_longer_than_a_question(vendors: StandIn) -> None:
    vendors.misbehave("/embeddings", Hang(), times=2)
    embedder = get_embedder()
    embedder.query_timeout = 0.3
    with pytest.raises(ProviderError, match=r"did not answer within 0\.3 s"):
        embedder.embed_passages(["a sentence to be marked"])


def test_an_answer_that_is_not_json_is_worth_another_try(vendors: StandIn) -> None:
    html = Reply("<html>", headers={"Content-Type": "application/json"})
    vendors.misbehave("/embeddings", html, times=1)
    assert len(get_embedder().embed_passages(["coffee"])) == 1
