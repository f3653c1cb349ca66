"""Workbooks: every sheet, row by row under its header, with numbers as people see them."""

from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.formats import XLSX
from experts.extraction.limits import MIB, Limits
from tests.extraction.files import Outcome, read_as, read_bytes
from tests.extraction.office import DRAWING, SHEET, cell, relations, rows, words, xlsx

PRICES = rows(["Item", "Price"], ["Tea", 2], ["Coffee", 3.5])
FORMATS = [14, 22, 20, 9, 164, 165, 166]
STYLES = (
    f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="164" formatCode="[$-407]d. mmmm yy"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/>'
    '<numFmt numFmtId="166" formatCode="#,##0.00\\ &quot;days&quot;"/></numFmts><cellXfs>'
    + "".join(map("<xf numFmtId='{}'/>".format, FORMATS))
    + "</cellXfs></styleSheet>"
)


def read(tmp_path: Path, content: bytes) -> Outcome:
    return read_bytes(tmp_path, "a.xlsx", content)


def values(tmp_path: Path, row: str, *, properties: str = "", **parts: str) -> list[str]:
    """The cells of a single row."""
    content = xlsx({"S": f"<row>{row}</row>"}, properties=properties, **parts)
    return read(tmp_path, content).text.removeprefix("S\n\n").split("\t")


def test_every_sheet_is_read_under_its_name(tmp_path: Path) -> None:
    outcome = read(tmp_path, xlsx({"Prices": PRICES, "Stock": rows(["Tea", 40])}))
    assert outcome.locations == ["Sheet “Prices”, rows 1–3", "Sheet “Stock”, row 1"]
    assert outcome.pages[0].text == "Prices\n\nItem\tPrice\nTea\t2\nCoffee\t3.5"
    assert outcome.total == 2


def test_the_header_stands_over_every_block(tmp_path: Path) -> None:
    goods = [[f"Tea number {n}", n] for n in range(2, 202)]
    outcome = read(tmp_path, xlsx({"Prices": rows(["Item", "Price"], *goods)}))
    assert len(outcome.pages) > 2
    for page in outcome.pages:
        top, header, *body = page.text.replace("\n\n", "\n").split("\n")
        assert (top, header) == ("Prices", "Item\tPrice")
        first, last = (line.rpartition("\t")[2] for line in (body[0], body[-1]))
        assert page.location in (f"Sheet “Prices”, rows {n}–{last}" for n in (first, "1"))
    found = [line for page in outcome.pages for line in page.text.split("\n") if "number" in line]
    assert found == [f"{name}\t{price}" for name, price in goods]


def test_what_stands_over_the_header_is_no_header(tmp_path: Path) -> None:
    notes = [["Tea of every kind", f"{n} crates"] for n in range(100)]
    outcome = read(tmp_path, xlsx({"S": rows(["Report"], ["Item", "In stock"], *notes)}))
    assert outcome.pages[0].text.startswith("S\n\nReport\nItem\tIn stock\nTea")
    assert outcome.pages[1].text.startswith("S\n\nItem\tIn stock\nTea")


def test_numbers_alone_have_no_header(tmp_path: Path) -> None:
    outcome = read(tmp_path, xlsx({"S": rows(*[["North", 1994 + n] for n in range(300)])}))
    assert outcome.text.count("North\t1994") == 1


def test_an_empty_cell_keeps_its_place(tmp_path: Path) -> None:
    content = xlsx({"S": rows(["Item", "Colour", "Price"], ["Tea", "", 2], ["", "black"])})
    assert read(tmp_path, content).text == "S\n\nItem\tColour\tPrice\nTea\t\t2\n\tblack"


def test_a_row_too_long_for_the_table_names_its_values(tmp_path: Path) -> None:
    story = "It grows on hills. " * 80
    content = xlsx({"S": rows(["Item", "Story"], ["Tea", story], ["Salt", "short"])})
    outcome = read(tmp_path, content)
    assert outcome.pages[1].text.startswith("S\n\nItem\tStory\n\nItem: Tea\nStory: It grows")
    assert outcome.locations[1:] == ["Sheet “S”, row 2", "Sheet “S”, row 3"]


def test_a_header_too_long_to_repeat_stands_before_every_value(tmp_path: Path) -> None:
    labels = [f"A long label {'x' * 60} {letter}" for letter in "abcdefghij"]
    values = [[f"{row}{letter}" for letter in "abcdefghij"] for row in range(2, 9)]
    outcome = read(tmp_path, xlsx({"S": rows(labels, *values)}))
    last = "\n".join(f"{label}: {value}" for label, value in zip(labels, values[-1], strict=True))
    assert outcome.pages[-1].text == f"S\n\n{last}"


def test_dates_and_shares_read_as_they_look(tmp_path: Path) -> None:
    numbers = [45292, 45292.75, 0.5, 0.025, 45292, 1.5, 19.989999999999998, 123456789012345678]
    row = "".join(cell("", value, s=str(style)) for style, value in enumerate(numbers))
    assert values(tmp_path, row, styles=STYLES) == [
        *("2024-01-01", "2024-01-01 18:00", "12:00", "2.5%", "2024-01-01", "36:00", "19.99"),
        "123456789012345678",
    ]


@pytest.mark.parametrize(
    ("first", "properties"), [("1900-01-01", ""), ("1904-01-02", '<workbookPr date1904="1"/>')]
)
def test_days_count_from_the_epoch_of_the_workbook(
    tmp_path: Path, first: str, properties: str
) -> None:
    assert values(tmp_path, cell("A1", 1, s="0"), properties=properties, styles=STYLES) == [first]


def test_texts_are_read_wherever_they_are_kept(tmp_path: Path) -> None:
    shared = (
        f'<sst xmlns="{SHEET}"><si><r><t>green </t></r><r><t>tea</t></r></si>'
        "<si><t>茶</t><rPh><t>チャ</t></rPh></si><si><t>two_x000D_\nlines</t></si></sst>"
    )
    row = "".join(cell("", n, t="s") for n in (0, 1, 2, 99)) + cell("", "#N/A", t="e")
    found = values(tmp_path, row + cell("", 1, t="b"), sharedStrings=shared)
    assert found == ["green tea", "茶", "two lines", "#N/A", "TRUE"]


def test_a_formula_shows_its_saved_result_and_is_never_computed(tmp_path: Path) -> None:
    row = "<c><f>1+1</f><v>7</v></c><c><f>cmd()</f></c><c t='str'><f>A1</f><v>seven</v></c>"
    assert values(tmp_path, row) == ["7", "seven"]


def test_hidden_sheets_are_read_and_say_so(tmp_path: Path) -> None:
    outcome = read(tmp_path, xlsx({"hidden Lists": PRICES}))
    assert outcome.locations == ["Hidden sheet “Lists”, rows 1–3"]


def test_comments_and_text_boxes_follow_their_sheet(tmp_path: Path) -> None:
    comment = '<comment ref="B2"><text><t>Too dear</t></text></comment>'
    members = {
        "xl/sheets/_rels/s1.xml.rels": relations(("comments", "/c.xml"), ("drawing", "/d.xml")),
        "c.xml": f'<comments xmlns="{SHEET}">{comment}</comments>',
        "d.xml": f'<d xmlns:a="{DRAWING}">{words("A text box")}</d>',
    }
    content = xlsx({"Prices": PRICES, "S": ""}, members=members)
    outcome = read(tmp_path, content)
    assert outcome.locations[1:] == ["Sheet “Prices”, comments", "Sheet “Prices”, drawings"]
    assert [page.text for page in outcome.pages[1:]] == ["B2: Too dear", "A text box"]


def test_strict_workbooks_are_read(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/"
    content = xlsx(
        {"S": PRICES},
        namespace=f"{strict}spreadsheetml/main",
        relation=f"{strict}officeDocument/relationships",
    )
    assert read(tmp_path, content).text.endswith("Tea\t2\nCoffee\t3.5")


@pytest.mark.parametrize("extent", ["A1", "A1:XFD1048576", "nonsense"])
def test_what_a_sheet_says_of_its_extent_does_not_matter(tmp_path: Path, extent: str) -> None:
    outcome = read(tmp_path, xlsx({"S": PRICES}, before=f'<dimension ref="{extent}"/>'))
    assert outcome.locations == ["Sheet “S”, rows 1–3"]


def test_a_cell_in_the_last_corner_costs_nothing(tmp_path: Path) -> None:
    corner = f'<row r="1048576">{cell("XFD1048576", "the end")}</row>'
    outcome = read(tmp_path, xlsx({"S": PRICES + corner}))
    assert outcome.text.endswith("the end")
    assert outcome.locations == ["Sheet “S”, rows 1–1048576"]


def test_a_sheet_that_is_listed_twice_is_read_once(tmp_path: Path) -> None:
    content = xlsx({"S": PRICES}, properties='<x><sheet name="T" r:id="r1"/></x>')
    assert read(tmp_path, content).locations == ["Sheet “T”, rows 1–3"]


def test_what_came_before_too_wide_a_row_is_kept(tmp_path: Path) -> None:
    wide = f'<row r="9">{"<c/>" * 16_385}</row>'
    outcome = read(tmp_path, xlsx({"Prices": PRICES, "Wide": wide}))
    assert (outcome.locations, outcome.code) == (
        ["Sheet “Prices”, rows 1–3"],
        ErrorCode.TOO_COMPLEX,
    )


def test_a_large_sheet_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx({"S": rows(*[["The inlet valve", n, n / 7] for n in range(20_000)])}))
    outcome = read_as(XLSX, path, limits=Limits(memory_bytes=120 * MIB))
    assert outcome.code is None
    assert outcome.locations[-1].endswith("–20000")
    assert read_as(XLSX, path, skip=outcome.pages[-2].number).pages == outcome.pages[-1:]


def test_a_cell_that_points_nowhere_costs_itself_only(tmp_path: Path) -> None:
    row = cell("A1", "many", t="s") + cell("B1", 9_999, t="s") + cell("C1", 5, s="x")
    assert values(tmp_path, row + cell("D1", "Words")) == ["5", "Words"]
