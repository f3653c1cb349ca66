"""Real documents kept beside the project: each ends as its manifest says."""

import json
from pathlib import Path
from typing import Any

import pytest

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode
from tests.extraction.files import Outcome, read

DOCUMENTS = Path(__file__).resolve().parents[3] / "shared" / "documents"
MANIFEST = DOCUMENTS / "manifest.json"
ENTRIES: list[dict[str, Any]] = (
    json.loads(MANIFEST.read_text()) if MANIFEST.exists() else [{"file": "absent"}]
)


@pytest.mark.skipif(not MANIFEST.exists(), reason="there are no documents beside the project")
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_it_ends_as_the_manifest_says(entry: dict[str, Any]) -> None:
    outcome = read(DOCUMENTS / entry["file"])
    if outcome.code == ErrorCode.UNSUPPORTED_TYPE and "failed" not in entry["expect"]["status"]:
        pytest.skip("has no reader yet")
    assert status_of(outcome) in states_of(entry)
    for found in entry["expect"].get("must_contain", []):
        assert squeezed(found["text"]) in squeezed(text_at(outcome, found["page"]))
    for foreign in entry["expect"].get("must_not_contain", []):
        assert squeezed(foreign) not in squeezed(outcome.text)
    for number in entry["expect"].get("no_text_pages", []):
        assert ocr.is_installed() or outcome.pages[number - 1].condition == "no_text"


def states_of(entry: dict[str, Any]) -> list[str]:
    """Where it may end. What has no text but pictures of it has some with OCR."""
    read = ["ok"] if ocr.is_installed() and entry["group"] == "no_text" else []
    return [*entry["expect"]["status"], *read]


def status_of(outcome: Outcome) -> str:
    if outcome.code:
        return "failed"
    return "ok" if any(page.condition == "text" for page in outcome.pages) else "no_text"


def text_at(outcome: Outcome, number: int | None) -> str:
    return outcome.pages[number - 1].text if number else outcome.text


def squeezed(text: str) -> str:
    """White space and case do not count."""
    return "".join(text.split()).casefold()
