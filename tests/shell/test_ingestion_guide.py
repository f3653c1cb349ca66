"""docs/ingestion.md lists the formats, limits and codes that the code has, no more and no fewer."""

import re

import pytest

from experts.extraction import archives, pictures, tables
from experts.extraction.errors import ErrorCode
from experts.extraction.extraction import limits_of
from experts.extraction.formats import PDF, READERS, eml, html_depth, image, json, pdf_rescue
from experts.extraction.limits import Limits
from tests.shell.processes import PROJECT

GUIDE = (PROJECT / "docs/ingestion.md").read_text()
DEFAULTS = Limits()


def section(title: str) -> str:
    return GUIDE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_it_lists_the_formats_that_are_read() -> None:
    listed = re.findall(r"^\| [^|]+ \| `([^`]+)` \|", section("Formats"), re.MULTILINE)
    assert sorted(listed) == sorted(READERS)


def test_it_lists_the_codes_with_a_meaning_and_a_remedy() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+\.) \| ([^|]+) \|$", section("Error codes"), re.M)
    assert [code for code, _, _ in rows] == [str(code) for code in ErrorCode]


@pytest.mark.parametrize(
    ("what", "limit"),
    [
        ("Memory of the reading process", f"{DEFAULTS.memory_bytes >> 30} GiB"),
        ("Time", f"{DEFAULTS.seconds:.0f} s, and {DEFAULTS.seconds_per_page} s more"),
        ("Time", f"; {DEFAULTS.silence_seconds:.0f} s without a page"),
        ("Text out of one file", f"{DEFAULTS.text_length:,} characters"),
        ("Pages of a PDF", f"{pdf_rescue.MAX_PAGES:,}"),
        ("Zip formats: members", f"{archives.MAX_ENTRIES:,}"),
        (
            "Zip formats: unpacked",
            f"{archives.MAX_EXPANDED // 10**6} MB, and {archives.MAX_RATIO}",
        ),
        ("Columns of a sheet", f"{tables.MAX_COLUMNS:,}"),
        ("Nesting of JSON", f"{json.MAX_DEPTH}"),
        ("Nesting of HTML", f"{html_depth.MAX_DEPTH};"),
        ("Parts of an e-mail", f"{eml.MAX_PARTS:,}"),
        ("Messages attached to messages", f"{eml.MAX_DEPTH} deep"),
        ("Pages of a TIFF", f"{image.MAX_PAGES:,}"),
        ("Pixels of a picture", f"{pictures.MAX_PIXELS:,}"),
        ("Pictures of one document", f"{pictures.MOST_READ}"),
    ],
)
def test_it_says_the_limits_as_they_are(what: str, limit: str) -> None:
    row = next(line for line in section("Limits").splitlines() if line.startswith(f"| {what}"))
    assert limit in row


def test_it_says_what_ocr_may_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("experts.extraction.ocr.is_installed", lambda: True)
    limits = limits_of(PROJECT / "docs/guide.pdf", PDF)
    said = section("Text recognition (OCR)")
    assert f"{limits.ocr_memory_bytes >> 30} GiB instead of {limits.memory_bytes >> 30} GiB" in said
    assert f"may take {limits.seconds_per_picture:.0f} s more" in said
    assert f"{limits.silence_seconds} s without a page" in said
