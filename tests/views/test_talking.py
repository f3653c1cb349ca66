"""The page's side of a talk: the button, and the passages that open beside it."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from experts.models import Expert
from expertsite.policy import content_security_policy
from tests.factories import ExpertFactory
from tests.fakes import FakeEmbedder
from tests.learning import learnt
from tests.views.html import attributes, has, text, texts


@pytest.fixture
def spoken(settings: Settings) -> None:
    settings.PROVIDERS = {**settings.PROVIDERS, "VOICE": "elevenlabs"}


@pytest.fixture
def guide(alice: User, embedder: FakeEmbedder) -> Expert:
    """An expert of Alice's that has learnt two passages."""
    file = learnt("Coffee is deductible.", "Tea is not.", owner=alice, name="tax.txt")
    return ExpertFactory(owner=alice, name="Tax guide", files=[file], ready=True)


def keys(expert: Expert) -> list[int]:
    return [passage.pk for passage in expert.files.get().passages.all()]


def address(expert: Expert, *passages: object) -> str:
    query = "&".join(f"passage={passage}" for passage in passages)
    return f"/dashboard/experts/{expert.pk}/passages/?{query}"


def test_where_there_is_a_voice_vendor_one_can_talk(
    client: Client, guide: Expert, spoken: None
) -> None:
    page = client.get(f"/dashboard/experts/{guide.pk}/")
    session = attributes(page, "#talk", "data-session")
    assert session == [f"/experts/{guide.pk}/voice/session/"]
    assert has(page, "script[src*='elevenlabs/client']")


def test_where_there_is_none_nothing_of_it_is_loaded(client: Client, guide: Expert) -> None:
    page = client.get(f"/dashboard/experts/{guide.pk}/")
    assert not has(page, "#talk")
    assert not has(page, "script[src*=elevenlabs], script[src*=talk]")


def test_nobody_talks_before_the_files_are_read(client: Client, alice: User, spoken: None) -> None:
    waiting = ExpertFactory(owner=alice)
    assert not has(client.get(f"/dashboard/experts/{waiting.pk}/"), "#talk")


def test_what_the_agent_found_is_listed_in_its_order(client: Client, guide: Expert) -> None:
    coffee, tea = keys(guide)
    page = client.get(address(guide, tea, coffee, tea, "x", "9" * 30))
    assert texts(page, ".source-page") == ["Page 2", "Page 1"]


def test_a_passage_opens_marked(client: Client, guide: Expert) -> None:
    coffee, _ = keys(guide)
    page = client.get(f"/dashboard/experts/{guide.pk}/passages/{coffee}/")
    assert text(page, "mark") == "Coffee is deductible."


def test_passages_of_other_files_are_not_shown(client: Client, guide: Expert, bob: User) -> None:
    his = ExpertFactory(owner=bob, files=[learnt("Secret.", owner=bob)], ready=True)
    [secret] = keys(his)
    assert not has(client.get(address(guide, secret)), "a")
    assert client.get(f"/dashboard/experts/{guide.pk}/passages/{secret}/").status_code == 404
    assert client.get(f"/dashboard/experts/{his.pk}/passages/{secret}/").status_code == 404
    assert client.get(address(his, secret)).status_code == 404


@pytest.mark.parametrize(
    ("variables", "addresses"),
    [
        ({}, ["'self'"]),
        ({"elevenlabs_api_key": "k"}, ["'self'", "wss://api.elevenlabs.io"]),
        ({"elevenlabs_api_key": "k", "voice": "none"}, ["'self'"]),
        (
            {"voice": "elevenlabs", "elevenlabs_base_url": "https://eu.example/"},
            ["'self'", "wss://eu.example"],
        ),
    ],
)
def test_scripts_may_speak_to_the_voice_vendor_only_where_there_is_one(
    settings: Settings, variables: dict[str, str], addresses: list[str]
) -> None:
    environment = settings.ENVIRONMENT.model_copy(update=variables)
    policy = content_security_policy(environment)
    assert policy["DIRECTIVES"]["connect-src"] == addresses
