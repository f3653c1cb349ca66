"""From a PDF to a cited answer, as a person lives it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import create_expert, document
from tests.browser.product import Product
from tests.documents import long_text, pdf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

LEARNING = 45_000  # milliseconds, the start of a worker and its model included
NAME = "office-guide-of-the-main-building-and-the-annexe.pdf"  # wider than a phone
GUIDE = document(
    NAME,
    pdf(
        long_text(40, "Parking"),
        "The office closes at ten. Coffee for guests is deductible in full. Keep the receipt.",
        long_text(40, "Garden"),
    ),
)


def test_from_a_pdf_to_a_cited_answer(page: Page, product: Product) -> None:
    create_expert(page, "Office guide", GUIDE)
    state = page.get_by_role("region", name="State of Office guide")
    expect(state).to_contain_text("Queued (Position 1)")
    expect(state).to_contain_text("No worker is running")
    expect(page.get_by_label("Question for")).to_be_disabled()
    with product.worker():
        expect(state.locator(".state-words")).to_have_text("Ready", timeout=LEARNING)
    see_what_was_learnt(page)
    ask(page, "Is coffee for guests deductible?")
    see_that_it_fits_on_a_phone(page)
    open_the_citation(page)


def see_what_was_learnt(page: Page) -> None:
    """The panels beside the chat have followed without a reload."""
    expect(page.get_by_role("region", name="Files")).to_contain_text("Ready")
    expect(page.get_by_role("region", name="What it has learnt")).to_contain_text(
        re.compile(r"Pages\s*3")
    )


def ask(page: Page, question: str) -> None:
    page.get_by_label("Question for").fill(question)
    page.keyboard.press("Enter")
    answer = page.locator(".expert-says").last
    expect(answer).to_contain_text("Coffee for guests is deductible in full.")
    expect(answer.get_by_role("link", name=f"{NAME} Page 2")).to_be_visible()
    expect(page.get_by_role("heading", name=question)).to_be_visible()  # the conversation's title
    assert "conversation=" in page.url


def see_that_it_fits_on_a_phone(page: Page) -> None:
    desktop = page.viewport_size
    assert desktop
    page.set_viewport_size({"width": 390, "height": 844})
    rightmost = "nodes => Math.max(...nodes.map(node => node.getBoundingClientRect().right))"
    assert page.locator(".messages *").evaluate_all(rightmost) <= 390
    page.set_viewport_size(desktop)


def open_the_citation(page: Page) -> None:
    chip = page.get_by_role("link", name=f"Source 1: {NAME}, Page 2")
    chip.click()
    quote = page.get_by_role("complementary", name="Quoted passage")
    expect(quote.locator("mark").first).to_contain_text("Coffee for guests")
    page.keyboard.press("Escape")
    expect(quote).to_be_hidden()
    expect(chip).to_be_focused()
    page.reload()  # the conversation is kept
    chip.click()
    quote.get_by_role("link", name="Open the file at this page").click()
    expect(page.locator("#page-2")).to_be_in_viewport()
