"""Finding a Chromium, and saying how to get one."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
MISSING = (
    "The tests of pages need Chromium: install it (`apt-get install chromium`),"
    " or name its program in CHROMIUM."
)
ARGUMENTS = [
    "--no-sandbox",  # tests may run as root, where Chromium refuses its sandbox
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",  # a microphone, where somebody allows it
]


def find_chromium() -> str:
    """The path of its program. Without one, a test fails where CI is set, else it is skipped."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None)
    if found is None and os.environ.get("CI"):
        pytest.fail(MISSING, pytrace=False)
    return found or pytest.skip(MISSING)
