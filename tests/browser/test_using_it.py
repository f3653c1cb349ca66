"""Using the pages: by mouse, by keyboard, on a phone, in the dark."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import create_expert, document
from tests.documents import pdf

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTES = document("notes.txt", b"Coffee is deductible.", "text/plain")


def colour_of_the_page(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def test_the_theme_follows_the_system_until_somebody_chooses(page: Page) -> None:
    light = colour_of_the_page(page)
    page.emulate_media(color_scheme="dark")
    assert colour_of_the_page(page) != light
    page.emulate_media(color_scheme="light")
    page.get_by_role("button", name="Switch to the dark theme").click()
    dark = colour_of_the_page(page)
    page.goto("/dashboard/files/")
    assert colour_of_the_page(page) == dark != light


def test_several_files_go_up_each_with_its_outcome(page: Page) -> None:
    page.goto("/dashboard/files/")
    page.get_by_label("Choose files to upload").set_input_files(
        [NOTES, document("guide.pdf", pdf("Tea is not.")), document("empty.pdf", b"")]
    )
    library = page.locator("#file-list")
    expect(library.get_by_role("link", name="notes.txt", exact=True)).to_be_visible()
    expect(library.get_by_role("link", name="guide.pdf", exact=True)).to_be_visible()
    expect(page.locator("#uploads")).to_contain_text("This file is empty.")
    page.get_by_label("Choose files to upload").set_input_files([NOTES])
    expect(page.locator("#uploads")).to_contain_text("Already in your library")


def test_files_can_be_dropped(page: Page) -> None:
    page.goto("/dashboard/files/")
    dropped = page.evaluate_handle(
        """() => {
            const files = new DataTransfer();
            files.items.add(new File(["Coffee."], "dropped.txt", { type: "text/plain" }));
            return files;
        }"""
    )
    page.locator(".dropzone").dispatch_event("drop", {"dataTransfer": dropped})
    expect(page.locator("#file-list").get_by_text("dropped.txt")).to_be_visible()


def test_a_dialog_names_what_will_go_before_it_goes(page: Page) -> None:
    create_expert(page, "Barista", NOTES)
    page.get_by_label("More for Barista").click()
    page.get_by_role("link", name="Delete expert").click()
    dialog = page.get_by_role("dialog", name="Delete Barista?")
    expect(dialog).to_contain_text("the expert, its persona and its picture")
    dialog.get_by_role("link", name="Keep it").click()
    expect(dialog).to_be_hidden()
    page.get_by_label("More for Barista").click()
    page.get_by_role("link", name="Delete expert").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Barista is deleted.")).to_be_visible()


def test_what_is_queued_is_cancelled_and_retried_from_its_card(page: Page) -> None:
    create_expert(page, "Barista", NOTES)
    page.goto("/dashboard/")
    card = page.get_by_role("article")
    card.get_by_role("link", name="Cancel").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel processing").click()
    expect(card).to_contain_text("Processing was cancelled.")
    card.get_by_role("button", name="Retry").click()
    expect(card).to_contain_text("Queued (Position 1)")


def test_where_streams_are_blocked_it_polls(page: Page) -> None:
    page.route("**/dashboard/events/**", lambda route: route.abort())
    create_expert(page, "Barista", NOTES)
    page.goto("/dashboard/")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    [expert] = page.request.get("/experts/").json()["results"]
    page.request.post(f"/experts/{expert['id']}/cancel/", headers={"X-CSRFToken": token})
    expect(page.get_by_role("article")).to_contain_text("Cancelled")
    expect(page.locator("#announcer")).to_have_text("Barista: Cancelled")


def test_a_percentage_never_goes_down(page: Page) -> None:
    create_expert(page, "Barista", NOTES)
    page.route("**/dashboard/events/**", lambda route: route.abort())
    answers = iter([working(page, percent) for percent in (20, 60, 40)])
    page.route("**/dashboard/states/**", lambda route: route.fulfill(body=next(answers, "")))
    page.goto("/dashboard/")
    bar = page.get_by_role("progressbar")
    expect(bar).to_have_attribute("aria-valuenow", "60")
    page.wait_for_timeout(3000)  # until the answer that lagged behind has come
    expect(bar).to_have_attribute("aria-valuenow", "60")


def working(page: Page, percent: int) -> str:
    """The state of the expert on the page, as it would be at this percentage."""
    state = page.locator(".state")
    key = str(state.get_attribute("id"))
    return (
        f'<section class="state working" id="{key}" data-stage="Extracting text"'
        f' data-announce="" data-processing="1"><div class="bar" role="progressbar"'
        f' aria-valuenow="{percent}"></div></section>'
    )


def test_it_is_used_by_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Create your first expert")).to_be_focused()
    page.get_by_label("Account of").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.get_by_label("Account of")).to_be_focused()


def test_on_a_phone_the_sections_are_tabs(phone: Page) -> None:
    create_expert(phone, "Barista", NOTES)
    expect(phone.get_by_text("Queued (Position 1)")).to_be_visible()
    expect(phone.get_by_label("Question for")).to_be_visible()
    phone.get_by_role("tab", name="Files").tap()
    expect(phone.get_by_role("link", name="notes.txt", exact=True)).to_be_visible()
    expect(phone.get_by_label("Question for")).to_be_hidden()
    phone.keyboard.press("ArrowRight")
    expect(phone.get_by_role("tab", name="About")).to_be_focused()
    expect(phone.get_by_text("What it has learnt")).to_be_visible()


@pytest.mark.parametrize("address", ["/dashboard/", "/dashboard/files/", "/dashboard/account/"])
def test_a_phone_never_scrolls_sideways(phone: Page, address: str) -> None:
    phone.goto(address)
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
