"""Agents against the database: each kind of orphan and gap."""

import copy

import pytest
from django.contrib.auth.models import User
from pytest_django import Settings

from experts.models import Expert
from queueing.testing import drain
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.reconciling.commands import LONG_GONE, found, mended, reconcile
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_an_agent_whose_expert_is_gone_is_found_and_removed(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent = elevenlabs_vendor.agents[expert.agent_id]
    tags = [tag.replace(str(expert.pk), str(LONG_GONE)) for tag in agent["tags"]]
    key = elevenlabs_vendor.make("agents", **{**agent, "tags": tags})
    assert f"agents, orphan: {key}" in found()
    mended()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]


def test_an_agent_that_is_being_made_is_no_orphan(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    Expert.objects.all().delete()  # as if its row were not committed yet
    assert "agents: all agree" in reconcile()[1]


def test_an_agent_removed_by_hand_is_a_gap_and_made_again(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.agents.clear()
    assert f"agents, gap: {expert.agent_id} of Gardener" in found()
    mended()
    expert.refresh_from_db()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]


def doubled(expert: Expert, vendor: ElevenLabsStandIn) -> list[str]:
    """Everything that the expert has there, a second time; in the order of removing."""
    secret = vendor.make("secrets", **vendor.secrets[expert.secret_id])
    tool = copy.deepcopy(vendor.tools[expert.tool_id])
    [header] = tool["tool_config"]["api_schema"]["request_headers"].values()
    header["secret_id"] = secret
    agent = vendor.make("agents", **vendor.agents[expert.agent_id])
    return [agent, vendor.make("tools", **tool), secret]


def test_what_an_expert_has_twice_is_found_and_the_second_removed(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    second = doubled(expert, elevenlabs_vendor)
    assert f"agents, orphan: {', '.join(second)}: Gardener uses another" in found()
    mended()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]
    assert list(elevenlabs_vendor.tools) == [expert.tool_id]
    assert list(elevenlabs_vendor.secrets) == [expert.secret_id]


def test_a_second_agent_that_meanwhile_became_the_right_one_stays(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    second, *_ = doubled(expert, elevenlabs_vendor)
    assert reconcile(repair=True)[0] == 0
    Expert.objects.update(agent_id=second)
    drain()
    assert second in elevenlabs_vendor.agents


def test_an_expert_whose_agent_could_not_be_made_is_a_gap_with_its_reason(
    vendors: StandIn, alice: User, settings: Settings, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    settings.PUBLIC_URL = ""
    expert = expert_over(read_file(alice, "The garden opens at nine."))
    assert expert.agent_status == "failed"
    assert f"agents, gap: an agent of Gardener ({expert.pk}). ElevenLabs has to reach" in found()
    settings.PUBLIC_URL = "https://experts.example.com"
    mended()
    assert len(elevenlabs_vendor.agents) == 1
