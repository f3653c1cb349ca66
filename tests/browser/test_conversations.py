"""Stopping an answer, copying it, and renaming and deleting what was said."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import create_expert, document
from tests.browser.product import Product

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTES = document("notes.txt", b"Coffee for guests is deductible in full.", "text/plain")

# The first words of an answer, of which no more come until it is stopped.
SLOW = """() => {
    const send = window.fetch;
    window.fetch = (address, options) => {
        if (options?.headers?.Accept !== "text/event-stream") return send(address, options);
        const body = new ReadableStream({ start(stream) {
            const words = 'event: token\\ndata: {"text": "In full"}\\n\\n';
            stream.enqueue(new TextEncoder().encode(words));
            options.signal.addEventListener("abort", () => stream.error(options.signal.reason));
        } });
        return Promise.resolve(new Response(body));
    };
}"""


@pytest.fixture
def talk(page: Page, product: Product) -> Page:
    """The page of an expert that can be asked."""
    with product.worker():
        create_expert(page, "Tax guide", NOTES)
        expect(page.get_by_label("Question for Tax guide")).to_be_enabled(timeout=30_000)
    return page


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question for Tax guide").fill(question)
    page.keyboard.press("Enter")


def by_the_button(page: Page) -> None:
    page.get_by_role("button", name="Stop the answer").click()


def by_the_keyboard(page: Page) -> None:
    expect(page.get_by_role("button", name="Stop the answer")).to_be_visible()
    page.keyboard.press("Escape")


def test_an_answer_is_stopped_by_button_or_key(talk: Page) -> None:
    ways: list[Callable[[Page], None]] = [by_the_button, by_the_keyboard]
    talk.evaluate(SLOW)
    for stop in ways:
        ask(talk, "Is coffee deductible?")
        expect(talk.locator(".expert-says").last).to_contain_text("In full")
        stop(talk)
        expect(talk.locator(".expert-says").last).to_contain_text("Stopped.")
        expect(talk.get_by_role("button", name="Send")).to_be_visible()
        expect(talk.get_by_label("Question for Tax guide")).to_be_focused()


def test_a_conversation_is_copied_renamed_and_deleted(talk: Page) -> None:
    talk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    ask(talk, "Is coffee deductible?")
    talk.get_by_role("button", name="Copy").click()
    expect(talk.get_by_role("button", name="Copied")).to_be_visible()
    assert "[1] notes.txt" in talk.evaluate("navigator.clipboard.readText()")
    choose(talk, "Rename")
    talk.get_by_label("Title").fill("Coffee")
    talk.get_by_role("button", name="Save").click()
    expect(talk.locator("#chat-title")).to_have_text("Coffee")
    choose(talk, "Delete conversation")
    expect(talk.get_by_role("dialog")).to_contain_text("“Coffee” with Tax guide, 2 messages")
    talk.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(talk.locator("#chat-title")).to_have_text("New conversation")


def choose(page: Page, item: str) -> None:
    page.wait_for_load_state()  # without the scripts, links lead to pages
    page.get_by_label("More for this conversation").click()
    page.get_by_role("link", name=item).click()
