"""The guides are true: the PDF is the guide's text, and links lead somewhere."""

import re
from pathlib import Path

import pypdfium2
import pytest

from docs.make_guide_pdf import make
from tests.shell.processes import PROJECT

PAGES = sorted([PROJECT / "README.md", *(PROJECT / "docs").glob("*.md")])


def text_of(pdf: bytes | Path) -> list[str]:
    with pypdfium2.PdfDocument(pdf) as document:
        return [page.get_textpage().get_text_range() for page in document]


def test_the_pdf_is_made_from_the_guide_as_it_is() -> None:
    guide = (PROJECT / "docs/using-expertsite.md").read_text()
    made = text_of(bytes(make(guide).output()))
    assert text_of(PROJECT / "docs/guide.pdf") == made, "run python -m docs.make_guide_pdf"
    assert len(made) > 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_that_are_there(page: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", page.read_text())
    missing = [link for link in links if "://" not in link and not (page.parent / link).exists()]
    assert missing == []
