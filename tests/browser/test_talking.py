"""Talking aloud with an expert: a real browser, the vendor's own client, the vendor played."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from experts.models import Expert
from experts.providers import get_voice_agents, provider
from expertsite.policy import content_security_policy
from tests.browser.voice_vendor import QUESTION, VoiceVendor
from tests.factories import ExpertFactory
from tests.fakes import FakeEmbedder
from tests.learning import learnt
from tests.shell.processes import wait_until
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.messages import KEY
from tests.vendors.standin import StandIn

pytestmark = [
    pytest.mark.browser,
    pytest.mark.xdist_group("browser"),
    pytest.mark.django_db(transaction=True),
]
WATCH = """() => {
    window.states = [];
    const bar = document.getElementById("talk");
    const note = () => window.states.push(bar.dataset.state);
    new MutationObserver(note).observe(bar, { attributeFilter: ["data-state"] });
}"""
COFFEE = "Coffee for guests is deductible in full."


@pytest.fixture(scope="module", autouse=True)
def orm_beside_playwright() -> Iterator[None]:
    """Playwright's event loop runs in this thread; nothing of Django's does in it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture
def expert(alice: User, embedder: FakeEmbedder) -> Expert:
    file = learnt(COFFEE, "Travel by train is too.", owner=alice, name="tax.txt")
    return ExpertFactory(owner=alice, name="Tax guide", files=[file], ready=True)


@pytest.fixture
def agent(expert: Expert, live_server: LiveServer, settings: Settings) -> Iterator[VoiceVendor]:
    """The expert's agent, as it was made at the vendor, with the browser's way to it."""
    settings.PUBLIC_URL = live_server.url
    there = ElevenLabsStandIn()
    standin = StandIn(there)
    variables = {"elevenlabs_api_key": KEY, "elevenlabs_base_url": standin.url("elevenlabs")}
    settings.ENVIRONMENT = settings.ENVIRONMENT.model_copy(update=variables)
    settings.PROVIDERS = settings.ENVIRONMENT.choices
    provider.cache_clear()
    get_voice_agents().ensure(expert, timeout=5)
    expert.save()
    tool = there.tools[expert.tool_id]["tool_config"]
    agent = VoiceVendor(tool=tool, secret=there.secrets[expert.secret_id]["value"])
    with agent.listening() as there.talk_at:
        settings.CONTENT_SECURITY_POLICY = policy_for(there.talk_at, settings)
        yield agent
    provider.cache_clear()
    standin.close()
    assert standin.violations == []


def policy_for(talk_at: str, settings: Settings) -> dict[str, Any]:
    """The site's own, were the vendor's calls and its talks at one address, as they really are."""
    variables = {"elevenlabs_base_url": talk_at.replace("ws", "http", 1)}
    return content_security_policy(settings.ENVIRONMENT.model_copy(update=variables))


def open_expert(browser: Browser, live_server: LiveServer, expert: Expert, **options: Any) -> Page:
    """The expert's page, with its owner signed in."""
    client = Client()
    client.force_login(expert.owner)
    context = browser.new_context(base_url=live_server.url, **options)
    context.set_default_timeout(30_000)
    session = client.cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"/dashboard/experts/{expert.pk}/")
    return page


def test_a_talk_with_the_pages_it_finds_opening_beside_it(
    browser: Browser, live_server: LiveServer, expert: Expert, agent: VoiceVendor
) -> None:
    page = open_expert(browser, live_server, expert, permissions=["microphone"])
    printed: list[str] = []
    page.on("console", lambda line: printed.append(line.text))
    page.on("pageerror", lambda error: printed.append(str(error)))
    page.evaluate(WATCH)
    page.get_by_role("button", name="Talk").click()
    said = page.get_by_role("log", name="Conversation")
    expect(said).to_contain_text("Hello.")
    expect(said).to_contain_text(QUESTION)
    quote = page.get_by_role("complementary", name="Quoted passage")
    expect(quote.locator("mark")).to_have_text(COFFEE)
    expect(said).to_contain_text("Yes, in full.")
    expect(page.locator("#talk")).to_contain_text("Listening")
    page.get_by_role("button", name="End the talk").click()
    expect(page.locator("#talk")).to_contain_text("The talk has ended.")
    expect(page.get_by_role("button", name="Talk", exact=True)).to_be_visible()
    assert page.evaluate("states") == ["connecting", "listening", "speaking", "listening", "ended"]
    assert agent.heard[:2] == ["conversation_initiation_client_data", "audio"]
    assert [line for line in printed if "Security Policy" in line or "Error" in line] == []
    page.context.close()


def test_a_refused_microphone_is_explained(
    browser: Browser, live_server: LiveServer, expert: Expert, agent: VoiceVendor
) -> None:
    page = open_expert(browser, live_server, expert)
    page.get_by_role("button", name="Talk").click()
    expect(page.locator("#talk")).to_contain_text("The microphone is blocked. Allow it")
    assert agent.heard == []
    page.context.close()


WITHOUT_RATES = """
    const known = navigator.mediaDevices.getSupportedConstraints();
    navigator.mediaDevices.getSupportedConstraints = () => ({ ...known, sampleRate: undefined });
"""


def test_a_browser_that_cannot_record_at_the_agent_s_rate_resamples(
    browser: Browser, live_server: LiveServer, expert: Expert, agent: VoiceVendor
) -> None:
    """As Firefox does, which has no say in the rate of a microphone."""
    page = open_expert(browser, live_server, expert, permissions=["microphone"])
    printed: list[str] = []
    page.on("console", lambda line: printed.append(line.text))
    page.on("pageerror", lambda error: printed.append(str(error)))
    page.add_init_script(WITHOUT_RATES)
    page.reload()
    told_at = time.monotonic()
    page.get_by_role("button", name="Talk").click()
    expect(page.get_by_role("log", name="Conversation")).to_contain_text("Yes, in full.")
    wait_until(lambda: len(agent.sound) > 60)
    assert any("Sample rate 16000 not available, resampling to" in line for line in printed)
    assert agent.rate(since=told_at) < 24_000  # of a microphone at 44,100 or 48,000
    assert [line for line in printed if "Security Policy" in line or "Error" in line] == []
    page.context.close()
