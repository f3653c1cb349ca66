"""OpenDocument texts: every word under the heading where it stands."""

from pathlib import Path

import pytest

from experts.extraction.quality import Condition
from tests.extraction.files import read_bytes
from tests.extraction.office import odt


def text_of(tmp_path: Path, body: str) -> str:
    return read_bytes(tmp_path, "a.odt", odt(body)).text


def heading(text: str, level: int = 1) -> str:
    return f'<text:h text:outline-level="{level}">{text}</text:h>'


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


def row(*cells: str) -> str:
    found = "".join(f"<table:table-cell>{cell}</table:table-cell>" for cell in cells)
    return f"<table:table-row>{found}</table:table-row>"


def test_it_is_cut_at_headings(tmp_path: Path) -> None:
    body = p("Before.") + heading("Install") + p("Turn.") + heading("Care") + p("Once a year.")
    outcome = read_bytes(tmp_path, "a.odt", odt(body))
    assert outcome.locations == ["Part 1", "Section “Install”", "Section “Care”"]
    assert outcome.pages[1].text == "Install\n\nTurn."


def test_spaces_and_breaks_are_read_as_they_look(tmp_path: Path) -> None:
    body = p('a<text:s text:c="2"/>b<text:tab/>c<text:line-break/>d<text:s/>e')
    assert text_of(tmp_path, body) == "a  b c\nd e"


def test_words_around_other_elements_stay_in_order(tmp_path: Path) -> None:
    body = p("Turn <text:span>the <text:a>valve</text:a> now</text:span>, slowly.")
    assert text_of(tmp_path, body) == "Turn the valve now, slowly."


def test_notes_and_comments_come_after_the_text(tmp_path: Path) -> None:
    note = f"<text:note><text:note-body>{p('A footnote.')}</text:note-body></text:note>"
    body = p(f"Before{note} and after<office:annotation>{p('A comment.')}</office:annotation>.")
    outcome = read_bytes(tmp_path, "a.odt", odt(body, styles=p("A header.") * 2))
    assert outcome.locations == ["Part 1", "Footnotes", "Comments", "Headers and footers"]
    assert [page.text for page in outcome.pages] == [
        *("Before and after.", "A footnote.", "A comment.", "A header."),
    ]


def test_tables_keep_their_rows_and_a_table_in_a_cell_is_read_once(tmp_path: Path) -> None:
    inner = f"<table:table>{row(p('inner'))}</table:table>"
    body = f"<table:table>{row(p('Tea'), p('2'))}{row(inner, p('outer'))}</table:table>"
    assert text_of(tmp_path, body) == "Tea\t2\ninner\touter"


def test_list_items_stay_together(tmp_path: Path) -> None:
    items = "".join(f"<text:list-item>{p(item)}</text:list-item>" for item in ("tea", "water"))
    body = p("Take:") + f"<text:list>{items}</text:list>" + p("Stir.")
    assert text_of(tmp_path, body) == "Take:\n\n- tea\n- water\n\nStir."


@pytest.mark.parametrize("tag", ["text:tracked-changes", "text:ruby-text"])
def test_what_is_not_part_of_the_text_is_left_out(tmp_path: Path, tag: str) -> None:
    inside = p("gone") if tag == "text:tracked-changes" else "gone"
    assert text_of(tmp_path, p(f"kept<{tag}>{inside}</{tag}>")) == "kept"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = f"<text:frame><text:text-box>{p('in the box')}</text:text-box></text:frame>"
    assert text_of(tmp_path, p(f"outside{box}")) == "in the box\n\noutside"


def test_a_document_of_pictures_has_no_text(tmp_path: Path) -> None:
    content = odt(p(""), members={"Pictures/1.png": ""})
    outcome = read_bytes(tmp_path, "a.odt", content)
    assert [(page.condition, page.scanned) for page in outcome.pages] == [(Condition.NO_TEXT, True)]
