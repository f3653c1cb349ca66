"""The same product where scripts do not run."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open, document, sign_up

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def create_by_form_alone(page: Page, name: str) -> None:
    page.goto("/dashboard/experts/new/")
    page.get_by_label("Choose files to upload").set_input_files(
        [document(f"{name}.txt", f"{name} is deductible.".encode(), "text/plain")]
    )
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create expert").click()


def delete_by_form_alone(page: Page, name: str) -> None:
    page.goto("/dashboard/")
    page.get_by_role("link", name=name, exact=True).click()
    page.get_by_label(f"More for {name}").click()
    page.get_by_role("link", name="Delete expert").click()
    page.get_by_role("button", name="Delete").click()


def test_two_experts_show_their_places_in_the_line(open_browser: Open) -> None:
    page = open_browser(java_script_enabled=False)
    sign_up(page)
    for name in ("Coffee", "Tea"):
        create_by_form_alone(page, name)
    page.goto("/dashboard/")
    tea, coffee = page.get_by_role("article").all()
    expect(tea).to_contain_text("Queued (Position 2)")
    expect(coffee).to_contain_text("Queued (Position 1)")
    delete_by_form_alone(page, "Coffee")
    expect(page.get_by_role("article")).to_contain_text("Queued (Position 1)")
    delete_by_form_alone(page, "Tea")
    expect(page.get_by_text("Talk with your documents")).to_be_visible()
