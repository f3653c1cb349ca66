"""A person at a browser: the real product, a real Chromium, an account of one's own."""

import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, sync_playwright

from tests.browser.chromium import ARGUMENTS, find_chromium
from tests.browser.product import Product

PASSWORD = "a long walk to school"
SECONDS = 30  # that anything on a page may take, on a busy machine, unless a test says otherwise
numbers = count(1)

Open = Callable[..., Page]


@pytest.fixture(scope="session")
def product() -> Iterator[Product]:
    find_chromium()  # before anything is started in vain
    with tempfile.TemporaryDirectory(prefix="expertsite-browser-") as directory:
        path = Path(directory).resolve()
        path.chmod(0o755)  # PostgreSQL runs under another account when we are root
        with Product(path).running() as product:
            yield product


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """For this package only: while it lives, its event loop forbids Django's ORM in our thread."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(product: Product, browser: Browser) -> Iterator[Open]:
    """open_browser(**what playwright's new_context takes): a page of a browser without memory.

    An error in a script fails the test.
    """
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def open_it(**options: Any) -> Page:
        context = browser.new_context(base_url=product.url, **options)
        context.set_default_timeout(SECONDS * 1000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert errors == []


@pytest.fixture
def page(open_browser: Open) -> Iterator[Page]:
    """A desktop browser in which somebody has just signed up; their experts go with the test."""
    page = open_browser(viewport={"width": 1280, "height": 860}, color_scheme="light")
    sign_up(page)
    yield page
    clear_away(page)


@pytest.fixture
def phone(open_browser: Open) -> Iterator[Page]:
    phone = open_browser(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    sign_up(phone)
    yield phone
    clear_away(phone)


def sign_up(page: Page) -> None:
    page.goto("/accounts/signup/")
    page.get_by_label("Username").fill(f"person{next(numbers)}")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password confirmation").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/dashboard/")


def clear_away(page: Page) -> None:
    """Delete the person's experts, so that the next test finds an empty queue."""
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    for expert in page.request.get("/experts/").json()["results"]:
        deleted = page.request.delete(f"/experts/{expert['id']}/", headers={"X-CSRFToken": token})
        assert deleted.ok


def document(name: str, content: bytes, media_type: str = "application/pdf") -> FilePayload:
    """A file for a file input."""
    return {"name": name, "mimeType": media_type, "buffer": content}


def create_expert(page: Page, name: str, *files: FilePayload) -> None:
    """Fill in the form as a person does, bringing the files along."""
    page.goto("/dashboard/experts/new/")
    page.get_by_label("Choose files to upload").set_input_files(list(files))
    for file in files:
        page.get_by_role("checkbox", name=file["name"], checked=True).wait_for()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create expert").click()
    page.get_by_role("heading", name=name, level=1).wait_for()
    page.wait_for_load_state()  # without the scripts, links lead to pages
