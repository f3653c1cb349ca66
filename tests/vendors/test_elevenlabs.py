"""Voice agents over real HTTP: made once, found again, removed."""

import time

import pytest

from experts.models import Expert
from experts.providers import get_voice_agents
from experts.providers.base import ProviderError
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn, refusal
from tests.vendors.messages import Hang, Reply, Reset
from tests.vendors.standin import StandIn


def expert(**fields: str) -> Expert:
    described = {
        "name": "Tax Helper",
        "persona": "You speak like a friendly accountant.",
        "first_message": "Hello, what shall we deduct?",
        "voice_id": "voice_7",
    }
    return Expert(**described | fields)


def ensure(one: Expert, *, timeout: float = 5) -> str:
    return get_voice_agents().ensure(one, timeout=timeout)


def test_an_agent_is_made_as_the_expert_is_described(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent = elevenlabs_vendor.agents[ensure(expert())]
    config = agent["conversation_config"]
    assert agent["name"] == "Tax Helper"
    assert config["agent"]["first_message"] == "Hello, what shall we deduct?"
    assert "friendly accountant" in config["agent"]["prompt"]["prompt"]
    assert config["tts"]["voice_id"] == "voice_7"


def test_only_signed_addresses_open_it(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent = elevenlabs_vendor.agents[ensure(expert())]
    assert agent["platform_settings"]["auth"]["enable_auth"] is True


def test_without_a_voice_the_vendor_chooses_one(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent = elevenlabs_vendor.agents[ensure(expert(voice_id=""))]
    assert "voice_id" not in agent["conversation_config"]["tts"]


@pytest.mark.parametrize(
    ("language", "model"),
    [("en", "eleven_flash_v2"), ("en-GB", "eleven_flash_v2"), ("de", "eleven_flash_v2_5")],
)
def test_the_speech_model_follows_the_language(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn, language: str, model: str
) -> None:
    agent = elevenlabs_vendor.agents[ensure(expert(language=language))]
    assert agent["conversation_config"]["tts"]["model_id"] == model


def test_the_same_expert_never_gets_a_second_agent(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    assert ensure(one) == ensure(one)
    assert len(elevenlabs_vendor.agents) == 1


def test_an_agent_that_is_there_becomes_what_the_expert_is_now(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    agent_id = ensure(one)
    one.name, one.language = "Steuerhilfe", "de"
    assert ensure(one) == agent_id
    assert elevenlabs_vendor.agents[agent_id]["name"] == "Steuerhilfe"


def test_when_the_answer_to_the_making_is_lost_the_next_attempt_finds_the_agent(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    vendors.misbehave("/agents/create", refusal(500, "oops", "Oops"))
    with pytest.raises(ProviderError, match="trouble of its own"):
        ensure(one)
    made = elevenlabs_vendor.make_agent(tags=["expertsite", f"expertsite:{one.pk}"])
    assert ensure(one) == made


def test_making_is_never_repeated_by_itself(vendors: StandIn) -> None:
    vendors.misbehave("/agents/create", refusal(500, "oops", "Oops"), times=3)
    with pytest.raises(ProviderError):
        ensure(expert())
    assert len(vendors.asked("/agents/create")) == 1


def test_it_looks_through_all_pages_for_its_agent(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.page_size = 2
    made = [elevenlabs_vendor.make_agent(tags=["expertsite"]) for _ in range(5)]
    assert list(get_voice_agents().agents()) == made


def test_agents_of_others_are_not_ours(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.make_agent(tags=["somebody else's"])
    assert list(get_voice_agents().agents()) == []


def test_a_silent_vendor_takes_no_more_than_the_budget(vendors: StandIn) -> None:
    vendors.misbehave("/agents", Hang())
    start = time.monotonic()
    with pytest.raises(ProviderError, match="did not answer within 1 s") as raised:
        ensure(expert(), timeout=1)
    assert time.monotonic() - start < 2
    assert not raised.value.permanent


def test_a_pause_comes_up_at_once_instead_of_being_slept_through(vendors: StandIn) -> None:
    pause = refusal(429, "rate_limited", "Slow down", headers={"Retry-After": "38"})
    vendors.misbehave("/agents", pause)
    with pytest.raises(ProviderError, match="asks for fewer requests") as raised:
        ensure(expert())
    assert raised.value.retry_after == 38


def test_a_torn_connection_is_worth_another_try(vendors: StandIn) -> None:
    vendors.misbehave("/agents", Reset())
    with pytest.raises(ProviderError, match=r"connection to ElevenLabs failed") as raised:
        ensure(expert())
    assert not raised.value.permanent


def test_an_answer_that_is_not_json_is_worth_another_try(vendors: StandIn) -> None:
    vendors.misbehave("/agents", Reply("<html>", described=False))
    with pytest.raises(ProviderError, match="cannot be understood") as raised:
        ensure(expert())
    assert not raised.value.permanent


def test_a_refused_field_is_named(vendors: StandIn) -> None:
    detail = [{"loc": ["body", "conversation_config"], "msg": "Voice not found", "type": "x"}]
    vendors.misbehave("/agents/create", Reply({"detail": detail}, 422))
    with pytest.raises(ProviderError, match="conversation_config: Voice not found") as raised:
        ensure(expert())
    assert raised.value.permanent


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("invalid_api_key", "rejected the key. Check ELEVENLABS_API_KEY"),
        ("missing_permissions", "does not allow this to the key in ELEVENLABS_API_KEY"),
        ("quota_exceeded", "asks for payment"),
    ],
)
def test_the_three_meanings_of_401_have_three_remedies(
    vendors: StandIn, kind: str, message: str
) -> None:
    vendors.misbehave("/agents", refusal(401, kind, "No"))
    with pytest.raises(ProviderError, match=message) as raised:
        ensure(expert())
    assert raised.value.permanent


def test_removing_removes_and_removing_twice_is_no_error(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent_id = ensure(expert())
    get_voice_agents().delete(agent_id)
    get_voice_agents().delete(agent_id)
    assert elevenlabs_vendor.agents == {}


def test_removing_waits_out_a_short_trouble(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent_id = ensure(expert())
    vendors.misbehave(agent_id, refusal(503, "busy", "Busy"), times=2)
    get_voice_agents().delete(agent_id)
    assert elevenlabs_vendor.agents == {}


@pytest.mark.parametrize("agent_id", ["", "local-1"])
def test_an_agent_that_never_was_at_the_vendor_is_not_asked_about(
    vendors: StandIn, agent_id: str
) -> None:
    get_voice_agents().delete(agent_id)
    assert vendors.requests == []


def test_a_talk_opens_by_a_signed_address(vendors: StandIn) -> None:
    one = expert()
    one.agent_id = ensure(one)
    assert get_voice_agents().session_url(one).startswith("wss://")


@pytest.mark.parametrize("agent_id", ["", "local-1"])
def test_an_expert_without_an_agent_says_that_its_voice_is_being_made(
    vendors: StandIn, agent_id: str
) -> None:
    with pytest.raises(ProviderError, match="still being made"):
        get_voice_agents().session_url(expert(agent_id=agent_id))


def test_without_voice_an_expert_has_an_agent_id_of_its_own_for_ever(configure: Configure) -> None:
    configure(voice="none")
    one = expert()
    assert ensure(one) == ensure(one) == f"local-{one.pk}"
    assert ensure(expert()) != ensure(one)


def test_without_voice_it_says_who_can_switch_it_on(configure: Configure) -> None:
    configure(voice="none")
    with pytest.raises(ProviderError, match="ELEVENLABS_API_KEY") as raised:
        get_voice_agents().session_url(expert())
    assert raised.value.permanent
