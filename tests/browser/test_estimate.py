"""What the chosen files are going to cost, while they are being chosen."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import document

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_it_follows_the_ticks(page: Page) -> None:
    page.goto("/dashboard/experts/new/")
    said = page.locator("#estimate")
    expect(said).to_be_empty()
    notes = document("notes.txt", b"Coffee is deductible.", "text/plain")
    page.get_by_label("Choose files to upload").set_input_files([notes])
    expect(said).to_have_text("Free: the files are embedded on this server.")
    page.get_by_role("checkbox", name="notes.txt").uncheck()
    expect(said).to_be_empty()
