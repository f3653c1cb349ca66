"""Voice agents over real HTTP: made in order, found again, changed, removed."""

from uuid import uuid4

import pytest
from pytest_django import Settings

from experts.models import Expert, Site
from experts.providers import get_voice_agents
from experts.providers.base import AgentParts, NoAgentError, ProviderError, Voice
from experts.providers.voice_secret import voice_secret
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn, refusal
from tests.vendors.messages import Done, Hang, Reply, Reset
from tests.vendors.standin import StandIn


def expert(**fields: str) -> Expert:
    described = {
        "name": "Tax Helper",
        "persona": "You speak like a friendly accountant.",
        "first_message": "Hello, what shall we deduct?",
        "voice_id": "voice_7",
    }
    return Expert(**described | fields)


def ensure(one: Expert, *, timeout: float = 5, new: bool = False) -> str:
    get_voice_agents().ensure(one, timeout=timeout, new=new)
    return one.agent_id


def forgetful(one: Expert) -> Expert:
    """The same expert, as a process knows it that died before it could keep an id."""
    return Expert(pk=one.pk, name=one.name)


def parts_of(one: Expert) -> AgentParts:
    return AgentParts(one.pk, one.agent_id, one.tool_id, one.secret_id)


def made(vendors: StandIn) -> list[str]:
    """What was created, in order."""
    paths = [request.path for request in vendors.requests if request.method == "POST"]
    return [path.removeprefix("/v1/convai/").partition("/")[0] for path in paths]


def test_a_secret_comes_first_then_the_tool_that_sends_it_then_the_agent_that_has_the_tool(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    agent = elevenlabs_vendor.agents[ensure(one, new=True)]
    tool = elevenlabs_vendor.tools[one.tool_id]["tool_config"]["api_schema"]
    assert made(vendors) == ["secrets", "tools", "agents"]
    assert agent["conversation_config"]["agent"]["prompt"]["tool_ids"] == [one.tool_id]
    assert tool["request_headers"] == {"X-Expert-Secret": {"secret_id": one.secret_id}}
    assert elevenlabs_vendor.secrets[one.secret_id]["value"] == voice_secret(one.pk)


def test_the_tool_asks_our_search_for_this_expert_only(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    ensure(one)
    asked = elevenlabs_vendor.tools[one.tool_id]["tool_config"]["api_schema"]
    fields = asked["request_body_schema"]["properties"]
    assert (asked["method"], asked["url"]) == ("POST", "https://experts.example.com/voice/search/")
    assert fields["expert_id"]["constant_value"] == str(one.pk)


def test_where_the_vendor_cannot_reach_the_site_it_says_what_to_set(
    vendors: StandIn, settings: Settings
) -> None:
    settings.PUBLIC_URL = ""
    with pytest.raises(ProviderError, match="Set PUBLIC_URL") as raised:
        ensure(expert())
    assert raised.value.permanent


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


def test_the_same_expert_never_gets_anything_twice(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    assert ensure(one) == ensure(one) == ensure(forgetful(one))
    assert elevenlabs_vendor.left() == 3


def test_what_is_there_becomes_what_the_expert_is_now(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn, settings: Settings
) -> None:
    one = expert()
    agent_id = ensure(one)
    one.name, one.language = "Steuerhilfe", "de"
    settings.PUBLIC_URL = "https://moved.example"
    assert ensure(one) == agent_id
    asked = elevenlabs_vendor.tools[one.tool_id]["tool_config"]["api_schema"]
    assert elevenlabs_vendor.agents[agent_id]["name"] == "Steuerhilfe"
    assert asked["url"] == "https://moved.example/voice/search/"
    assert elevenlabs_vendor.left() == 3


def test_what_somebody_removed_at_the_vendor_is_made_again(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    ensure(one)
    elevenlabs_vendor.agents.clear()
    assert ensure(one) in elevenlabs_vendor.agents
    assert elevenlabs_vendor.left() == 3


@pytest.mark.parametrize(
    ("path", "kept"),
    [("/secrets", []), ("/tools", ["secret_id"]), ("/create", ["secret_id", "tool_id"])],
)
def test_a_failure_half_way_is_completed_by_the_next_attempt(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn, path: str, kept: list[str]
) -> None:
    one = expert()
    vendors.misbehave(path, refusal(500, "oops", "Oops"))
    with pytest.raises(ProviderError, match="trouble of its own"):
        ensure(one, new=True)
    assert [name for name in ("secret_id", "tool_id", "agent_id") if getattr(one, name)] == kept
    ensure(one)
    assert elevenlabs_vendor.left() == 3


@pytest.mark.parametrize("path", ["/secrets", "/tools", "/create"])
def test_when_the_answer_to_a_making_is_lost_the_next_attempt_finds_what_was_made(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn, path: str
) -> None:
    one = expert()
    vendors.misbehave(path, Done(refusal(500, "oops", "Oops")))
    with pytest.raises(ProviderError):
        ensure(one, new=True)
    ensure(one)
    assert elevenlabs_vendor.left() == 3


def test_making_is_never_repeated_by_itself(vendors: StandIn) -> None:
    vendors.misbehave("/agents/create", refusal(500, "oops", "Oops"), times=3)
    with pytest.raises(ProviderError):
        ensure(expert())
    assert len(vendors.asked("/agents/create")) == 1


def test_all_that_is_ours_is_listed_page_by_page_with_its_expert(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.page_size = 2
    experts = [expert() for _ in range(3)]
    agents = [AgentParts(one.pk, agent_id=ensure(one)) for one in experts]
    tools = [AgentParts(one.pk, tool_id=one.tool_id) for one in experts]
    secrets = [AgentParts(one.pk, secret_id=one.secret_id) for one in experts]
    assert list(get_voice_agents().agents()) == agents + tools + secrets


def test_what_others_have_in_the_account_is_not_ours(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.make("agents", name="A", tags=["somebody else's", f"expertsite:{uuid4()}"])
    elevenlabs_vendor.make("secrets", name="expertsite_of_somebody_else")
    ensure(expert())
    Site.objects.update(mark="0badcafe")  # another site
    assert list(get_voice_agents().agents()) == []


def test_a_silent_vendor_takes_no_more_than_the_budget(vendors: StandIn) -> None:
    vendors.misbehave("/secrets", Hang())
    with pytest.raises(ProviderError, match="did not answer within 1 s") as raised:
        ensure(expert(), timeout=1)
    assert not raised.value.permanent
    assert len(vendors.requests) == 1


def test_a_pause_comes_up_at_once_instead_of_being_slept_through(vendors: StandIn) -> None:
    pause = refusal(429, "rate_limited", "Slow down", headers={"Retry-After": "38"})
    vendors.misbehave("/secrets", pause)
    with pytest.raises(ProviderError, match="asks for fewer requests") as raised:
        ensure(expert())
    assert raised.value.retry_after == 38


def test_a_torn_connection_is_worth_another_try(vendors: StandIn) -> None:
    vendors.misbehave("/secrets", Reset())
    with pytest.raises(ProviderError, match=r"connection to ElevenLabs failed") as raised:
        ensure(expert())
    assert not raised.value.permanent


def test_an_answer_that_is_not_json_is_worth_another_try(vendors: StandIn) -> None:
    vendors.misbehave("/secrets", Reply("<html>", described=False))
    with pytest.raises(ProviderError, match="cannot be understood") as raised:
        ensure(expert())
    assert not raised.value.permanent


def test_a_refused_field_is_named(vendors: StandIn) -> None:
    detail = [{"loc": ["body", "conversation_config"], "msg": "Voice not found", "type": "x"}]
    vendors.misbehave("/agents/create", Reply({"detail": detail}, 422))
    with pytest.raises(ProviderError, match="conversation_config: Voice not found") as raised:
        ensure(expert())
    assert raised.value.permanent


def test_the_secret_of_an_expert_is_not_repeated_from_a_refusal(vendors: StandIn) -> None:
    one = expert()
    vendors.misbehave("/secrets", refusal(400, "bad", f"Not a good value: {voice_secret(one.pk)}"))
    with pytest.raises(ProviderError, match=r"Not a good value: \*\*\*"):
        ensure(one)


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
    vendors.misbehave("/secrets", refusal(401, kind, "No"))
    with pytest.raises(ProviderError, match=message) as raised:
        ensure(expert())
    assert raised.value.permanent


def test_removing_leaves_nothing_and_removing_twice_is_no_error(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one = expert()
    ensure(one)
    get_voice_agents().delete(parts_of(one))
    get_voice_agents().delete(parts_of(one))
    assert elevenlabs_vendor.left() == 0


def test_removing_finds_what_nobody_kept_the_id_of(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    one, other = expert(), expert()
    ensure(one)
    ensure(other)
    get_voice_agents().delete(AgentParts(one.pk, agent_id=f"local-{one.pk}"))
    assert elevenlabs_vendor.left() == 3
    assert other.agent_id in elevenlabs_vendor.agents


@pytest.mark.parametrize("part", ["agent_id", "tool_id", "secret_id"])
def test_removing_waits_out_a_short_trouble(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn, part: str
) -> None:
    one = expert()
    ensure(one)
    vendors.misbehave(getattr(one, part), refusal(503, "busy", "Busy"), times=2)
    get_voice_agents().delete(parts_of(one))
    assert elevenlabs_vendor.left() == 0


def test_a_talk_opens_by_a_signed_address(vendors: StandIn) -> None:
    one = expert()
    one.agent_id = ensure(one)
    assert get_voice_agents().session_url(one).startswith("wss://")


def test_without_voice_it_says_who_can_switch_it_on(configure: Configure) -> None:
    configure(voice="none")
    with pytest.raises(ProviderError, match="ELEVENLABS_API_KEY") as raised:
        get_voice_agents().session_url(expert())
    assert raised.value.permanent


@pytest.mark.parametrize("agent_id", ["", "local-1", "agent_that_was_removed"])
def test_an_expert_without_an_agent_says_that_its_voice_is_being_made(
    vendors: StandIn, agent_id: str
) -> None:
    with pytest.raises(NoAgentError, match="still being made"):
        get_voice_agents().session_url(expert(agent_id=agent_id))


def test_the_voices_of_the_account_are_listed(vendors: StandIn) -> None:
    assert get_voice_agents().voices() == [Voice("voice_7", "Rachel"), Voice("voice_8", "Aria")]


def test_all_voices_are_listed_however_many(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.voices = {f"voice_{n}": f"Voice {n}" for n in range(5)}
    elevenlabs_vendor.page_size = 2
    assert len(get_voice_agents().voices()) == 5
    assert len(vendors.asked("/voices")) == 3


def test_without_voice_an_expert_has_an_agent_id_of_its_own_for_ever(configure: Configure) -> None:
    configure(voice="none")
    one = expert()
    assert ensure(one) == ensure(one) == f"local-{one.pk}"
    assert ensure(expert()) != ensure(one)
    assert get_voice_agents().voices() == []
