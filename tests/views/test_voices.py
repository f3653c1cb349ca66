"""The voices to choose from in the forms of an expert."""

import pytest
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from experts.models import Expert, SourceFile
from experts.providers.base import ProviderError, Voice
from tests.views.html import attributes, has, texts

NEW = "/dashboard/experts/new/"


class FakeAgents:
    """A vendor that counts how often it is asked, and can be down."""

    asked = 0
    down = False

    def voices(self) -> list[Voice]:
        self.asked += 1
        if self.down:
            raise ProviderError("ElevenLabs did not answer within 3 s.")
        return [Voice("voice_7", "Rachel"), Voice("voice_8", "Aria")]

    def ensure(self, expert: Expert, *, timeout: float, new: bool = False) -> None:
        expert.agent_id = "agent_1"


@pytest.fixture
def agents(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> FakeAgents:
    agents = FakeAgents()
    cache.clear()
    settings.PROVIDERS = {**settings.PROVIDERS, "VOICE": "elevenlabs"}
    monkeypatch.setattr("experts.operations.voices.get_voice_agents", lambda: agents)
    return agents


def edit(expert: Expert) -> str:
    return f"/dashboard/experts/{expert.pk}/edit/"


def test_without_a_vendor_no_voice_is_offered(client: Client) -> None:
    assert not has(client.get(NEW), "#id_voice_id")


def test_the_vendors_voices_are_offered_and_asked_for_once(
    client: Client, agents: FakeAgents
) -> None:
    pages = [client.get(NEW) for _ in range(3)]
    assert texts(pages[2], "#id_voice_id option") == ["Default voice", "Rachel", "Aria"]
    assert agents.asked == 1


def test_a_voice_is_chosen(client: Client, agents: FakeAgents, expert: Expert) -> None:
    client.post(edit(expert), {"name": "Tax guide", "language": "en", "voice_id": "voice_8"})
    expert.refresh_from_db()
    assert expert.voice_id == "voice_8"
    selected = attributes(client.get(edit(expert)), "#id_voice_id option[selected]", "value")
    assert selected == ["voice_8"]


def test_with_the_vendor_down_the_form_offers_the_default_voice_and_is_not_slow_twice(
    client: Client, agents: FakeAgents, file: SourceFile
) -> None:
    agents.down = True
    page = client.get(NEW)
    assert texts(page, "#id_voice_id option") == ["Default voice"]
    assert "cannot be listed at the moment" in page.content.decode()
    form = {"name": "A", "language": "en", "idempotency_key": "a", "selected_files": [file.pk]}
    client.post(NEW, form)
    assert Expert.objects.get().voice_id == ""
    assert agents.asked == 1


def test_with_the_vendor_down_an_expert_keeps_the_voice_that_it_has(
    client: Client, agents: FakeAgents, expert: Expert
) -> None:
    Expert.objects.update(voice_id="voice_8")
    agents.down = True
    page = client.get(edit(expert))
    assert texts(page, "#id_voice_id option") == ["Default voice", "As it is now"]
    client.post(edit(expert), {"name": "New name", "language": "en", "voice_id": "voice_8"})
    expert.refresh_from_db()
    assert (expert.name, expert.voice_id) == ("New name", "voice_8")
