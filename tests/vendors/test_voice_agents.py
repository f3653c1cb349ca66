"""An expert's agent through its life: made by the request or the queue, changed, removed."""

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from experts.models import Expert
from experts.operations import (
    create_expert,
    delete_expert,
    open_voice_session,
    update_expert,
    upload_file,
)
from experts.providers.base import NoAgentError, ProviderError
from experts.providers.elevenlabs import ElevenLabsAgents
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import upload
from tests.factories import ExpertFactory
from tests.fakes import FakeEmbedder
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn, refusal
from tests.vendors.messages import KEY, Done, Hang
from tests.vendors.standin import StandIn

pytestmark = pytest.mark.django_db


@pytest.fixture
def vendors(standin: StandIn, configure: Configure, settings: Settings) -> StandIn:
    """Voice alone is a vendor's here."""
    settings.PUBLIC_URL = "https://experts.example.com"
    configure(elevenlabs_api_key=KEY, elevenlabs_base_url=standin.url("elevenlabs"))
    return standin


@pytest.fixture
def expert(vendors: StandIn, alice: User, embedder: FakeEmbedder) -> Expert:
    file = upload_file(upload("Deduct the coffee."), owner=alice).file
    return create_expert(owner=alice, name="Barista", files=[file]).expert


def agent_of(expert: Expert, vendor: ElevenLabsStandIn) -> dict[str, object]:
    expert.refresh_from_db()
    return vendor.agents[expert.agent_id]


def test_a_new_expert_costs_three_calls_and_nothing_is_left_for_the_queue(
    expert: Expert, vendors: StandIn
) -> None:
    assert len(vendors.requests) == 3
    assert not ProcessingTask.objects.filter(task_type="sync_voice_agent").exists()
    kept = Expert.objects.get()
    assert all([kept.secret_id, kept.tool_id, kept.agent_id])


def test_a_change_reaches_the_agent_by_the_queue_and_not_in_the_request(
    expert: Expert, vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    before = len(vendors.requests)
    update_expert(expert, name="Roaster", voice_id="voice_8")
    assert len(vendors.requests) == before
    drain()
    agent = agent_of(expert, elevenlabs_vendor)
    assert agent["name"] == "Roaster"
    assert "voice_8" in str(agent["conversation_config"])
    assert elevenlabs_vendor.left() == 3


@pytest.mark.parametrize("path", ["/secrets", "/tools", "/agents/create"])
@pytest.mark.parametrize("lost", [False, True])
def test_what_the_request_could_not_finish_the_queue_completes(
    vendors: StandIn,
    alice: User,
    embedder: FakeEmbedder,
    elevenlabs_vendor: ElevenLabsStandIn,
    path: str,
    lost: bool,
) -> None:
    trouble = refusal(503, "busy", "Busy")
    vendors.misbehave(path, Done(trouble) if lost else trouble)
    file = upload_file(upload("Deduct the coffee."), owner=alice).file
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    drain(skip_delays=True)
    assert agent_of(expert, elevenlabs_vendor)["name"] == "Barista"
    assert (expert.agent_status, elevenlabs_vendor.left()) == ("ready", 3)


def test_a_silent_vendor_takes_the_person_no_more_than_the_budget(
    vendors: StandIn, alice: User, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.operations.voices.AGENT_BUDGET", 1)
    vendors.misbehave("/tools", Hang())
    file = upload_file(upload("Deduct the coffee."), owner=alice).file
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    assert (expert.agent_status, bool(expert.secret_id)) == ("pending", True)


def test_an_expert_deleted_while_its_agent_is_made_leaves_nothing(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    ensure = ElevenLabsAgents.ensure

    def slow(agents: ElevenLabsAgents, one: Expert, *, timeout: float) -> None:
        ensure(agents, one, timeout=timeout)
        Expert.objects.filter(pk=one.pk).delete()

    monkeypatch.setattr(ElevenLabsAgents, "ensure", slow)
    update_expert(expert, name="Roaster")
    drain()
    assert elevenlabs_vendor.left() == 0


@pytest.mark.parametrize("forgotten", [[], ["agent_id"], ["agent_id", "tool_id", "secret_id"]])
def test_deleting_an_expert_removes_agent_tool_and_secret_known_by_id_or_not(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn, forgotten: list[str]
) -> None:
    for name in forgotten:
        setattr(expert, name, "")
    delete_expert(expert)
    drain()
    assert elevenlabs_vendor.left() == 0


def test_a_vendor_that_is_down_at_the_deletion_is_asked_again(
    expert: Expert, vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    vendors.misbehave(expert.tool_id, refusal(503, "busy", "Busy"), times=4)
    delete_expert(expert)
    drain(skip_delays=True)
    assert elevenlabs_vendor.left() == 0


def test_an_expert_from_before_voice_was_switched_on_gets_its_agent_when_somebody_wants_to_talk(
    vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    expert = ExpertFactory(agent_id="local-1", agent_status="ready", ready=True)
    with pytest.raises(NoAgentError, match="still being made"):
        open_voice_session(expert)
    drain()
    assert agent_of(expert, elevenlabs_vendor)["name"] == expert.name
    assert expert.agent_id in open_voice_session(expert)


def test_whoever_wants_to_talk_is_told_why_there_is_no_voice_and_it_is_tried_again(
    vendors: StandIn, alice: User, settings: Settings, embedder: FakeEmbedder
) -> None:
    settings.PUBLIC_URL = ""
    file = upload_file(upload("Deduct the coffee."), owner=alice).file
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    drain()
    expert.refresh_from_db()
    with pytest.raises(ProviderError, match=r"could not be made\. ElevenLabs has to reach .* Set"):
        open_voice_session(expert)
    settings.PUBLIC_URL = "https://experts.example.com"
    drain()
    expert.refresh_from_db()
    assert open_voice_session(expert).startswith("wss://")


def test_what_the_vendor_refuses_for_good_is_marked_as_failed(
    expert: Expert, vendors: StandIn, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    update_expert(expert, language="de")
    vendors.misbehave(expert.agent_id, refusal(400, "voice_not_found", "No such voice"))
    drain()
    expert.refresh_from_db()
    task = ProcessingTask.objects.get(task_type="sync_voice_agent")
    assert (expert.agent_status, task.status, task.attempt) == ("failed", "failed", 1)
    assert "No such voice" in task.error_message
