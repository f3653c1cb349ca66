"""Servers that speak OpenAI's language, each in its own dialect: Ollama, vLLM, LM Studio, …"""

import pytest

from experts.models import Expert, VendorUsage
from experts.providers import get_answerer, get_embedder
from experts.providers.base import ProviderError, Turn
from tests.vendors.conftest import Configure
from tests.vendors.messages import Reply, Stream
from tests.vendors.openai_standin import OpenAIStandIn, chunks
from tests.vendors.standin import StandIn

EXPERT = Expert(name="Tax Helper", persona="You speak like a friendly accountant.")
GEMMA = "System role not supported"
MISTRAL = "After the optional system message, conversation roles must alternate user/assistant/…"


def ask(*history: Turn) -> str:
    return "".join(get_answerer().answer("When?", [], expert=EXPERT, history=history))


def sent(standin: StandIn) -> list[dict[str, str]]:
    """The messages of the last request."""
    messages: list[dict[str, str]] = standin.asked("/chat/completions")[-1].body["messages"]
    return messages


def test_a_server_that_takes_few_texts_at_once_is_found_out_and_then_known(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.most = 10
    embedder = get_embedder()
    for _ in range(2):
        assert len(embedder.embed_passages([f"bed {n}" for n in range(32)])) == 32
    sizes = [len(request.body["input"]) for request in vendors.asked("/embeddings")]
    assert sizes == [32, 16, 8, 8, 16, 8, 8, 8, 8, 8, 8]


def test_a_batch_that_llama_cpp_finds_too_large_is_halved_whatever_its_status(
    vendors: StandIn,
) -> None:
    words = "input is too large to process. increase the physical batch size"
    vendors.misbehave("/embeddings", Reply({"error": {"code": 500, "message": words}}, 500))
    assert len(get_embedder().embed_passages(["bed", "border"])) == 2
    assert len(vendors.asked("/embeddings")) == 3


def test_tokens_that_nobody_counts_are_estimated(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.tells_usage = False
    get_embedder().embed_query("coffee")
    ask()
    entries = VendorUsage.objects.order_by("pk").values_list("kind", "estimated")
    assert list(entries) == [("search", True), ("chat", True)]
    assert all(VendorUsage.objects.values_list("tokens_in", flat=True))


@pytest.mark.parametrize(
    "words",
    [
        "[{'type': 'extra_forbidden', 'loc': ('body', 'stream_options')}]",
        "stream_options is not supported",
    ],
)
def test_a_server_that_knows_no_usage_in_streams_is_not_asked_for_it_again(
    vendors: StandIn, openai_vendor: OpenAIStandIn, words: str
) -> None:
    openai_vendor.unknown = {"stream_options": words}
    assert ask() == ask()
    asked = ["stream_options" in request.body for request in vendors.asked("/chat/completions")]
    assert asked == [True, False, False]


@pytest.mark.parametrize("words", [GEMMA, MISTRAL])
def test_a_model_without_a_system_message_is_told_by_the_person(
    vendors: StandIn, openai_vendor: OpenAIStandIn, words: str
) -> None:
    openai_vendor.unknown = {"system": words}
    assert ask(Turn("person", "Is it open?"), Turn("expert", "Yes.")) == ask()
    first, *_ = sent(vendors)
    assert first["role"] == "user"
    assert "Answer only from the quotes" in first["content"]
    assert first["content"].endswith("Question: When?")
    assert len(vendors.asked("/chat/completions")) == 3


def test_a_server_that_knows_neither_is_understood_all_the_same(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.unknown = {"stream_options": "no stream_options", "system": GEMMA}
    assert ask().startswith("The café")


def test_what_is_refused_for_another_reason_is_not_tried_again(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.unknown = {"stream": "Streams cost extra"}
    with pytest.raises(ProviderError, match="Streams cost extra") as raised:
        ask()
    assert raised.value.permanent
    assert len(vendors.requests) == 1


def test_both_sides_speak_by_turns_and_the_person_first(vendors: StandIn) -> None:
    greeting = Turn("expert", "Hello.")
    unanswered = Turn("person", "Is it open?")
    ask(greeting, unanswered, Turn("expert", "Yes."), unanswered)
    assert [message["role"] for message in sent(vendors)] == ["system", "user", "assistant", "user"]


def test_neither_a_length_nor_a_temperature_is_asked_for(vendors: StandIn) -> None:
    ask()
    [request] = vendors.asked("/chat/completions")
    assert set(request.body) == {"model", "messages", "stream", "stream_options"}


def test_a_talk_too_long_for_the_model_goes_on_without_what_was_said_before(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.longest = 2_000
    assert ask(Turn("person", "a long story " * 200), Turn("expert", "Yes.")).startswith("The café")
    assert [message["role"] for message in sent(vendors)] == ["system", "user"]
    openai_vendor.longest = 10
    with pytest.raises(ProviderError, match="too long") as raised:
        ask()
    assert raised.value.permanent


@pytest.mark.parametrize(
    "words",
    [
        ["<think>", "Let me see…", "</think>", "\n\n", "At ", "nine."],
        ["\n<th", "ink>Hm", "m</thi", "nk>\n\nAt nine."],
        ["<think>\n\n</think>\n\nAt nine."],
        ["At nine."],
    ],
)
def test_what_a_model_thinks_aloud_before_it_answers_is_left_out(
    vendors: StandIn, openai_vendor: OpenAIStandIn, words: list[str]
) -> None:
    openai_vendor.words = words
    assert ask().strip() == "At nine."


@pytest.mark.parametrize("words", [["<", "b> is bold"], ["<thin", "g>"], ["1 <think> 2"]])
def test_an_answer_that_only_begins_like_a_thought_is_whole(
    vendors: StandIn, openai_vendor: OpenAIStandIn, words: list[str]
) -> None:
    openai_vendor.words = words
    assert ask() == "".join(words)


def test_thoughts_alone_are_an_empty_answer(vendors: StandIn) -> None:
    events = chunks(["<think>", "Hm"], model="m", finish="length")
    vendors.misbehave("/chat/completions", Stream(events))
    with pytest.raises(ProviderError, match="empty answer"):
        ask()


@pytest.mark.parametrize(
    ("model", "seconds"), [("gpt-4o-mini", 30), ("o4-mini", 120), ("gpt-5-nano", 120)]
)
def test_models_that_think_first_are_waited_for_longer(
    vendors: StandIn, configure: Configure, model: str, seconds: float
) -> None:
    configure(openai_chat_model=model, openai_base_url="")
    assert get_answerer().timeout == seconds  # type: ignore[attr-defined]  # OpenAI's has one


def test_models_have_the_names_that_the_server_gives_them(
    vendors: StandIn, configure: Configure
) -> None:
    configure(openai_chat_model="qwen3:8b", openai_embedding_model="nomic-embed-text:v1.5")
    ask()
    get_embedder().embed_query("coffee")
    assert {request.body["model"] for request in vendors.requests} == {
        "qwen3:8b",
        "nomic-embed-text:v1.5",
    }
