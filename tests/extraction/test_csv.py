"""Separated values: any separator, any encoding, rows by their numbers."""

from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.formats import CSV
from experts.extraction.limits import MIB, Limits
from tests.extraction.files import Outcome, read_as, read_bytes
from tests.extraction.test_text import CZECH, GERMAN, JAPANESE, RUSSIAN


def read(tmp_path: Path, content: str, encoding: str = "utf-8") -> Outcome:
    return read_bytes(tmp_path, "a.csv", content.encode(encoding))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_it_tells_the_delimiter(tmp_path: Path, delimiter: str) -> None:
    values = [["Item", "Price", "Note"], ["Tea", "2", "green; black, white"], ["Oolong", "", "hot"]]
    lines = [delimiter.join(f'"{value}"' for value in row) for row in values]
    expected = "\n".join("\t".join(row) for row in values)
    assert read(tmp_path, "\n".join(lines)).text == expected


def test_decimal_commas_do_not_mislead_it(tmp_path: Path) -> None:
    assert read(tmp_path, "Ware;Preis\nTee;2,50\nSalz;0,80\n").text == (
        "Ware\tPreis\nTee\t2,50\nSalz\t0,80"
    )


def test_the_line_that_names_the_delimiter_is_believed(tmp_path: Path) -> None:
    outcome = read(tmp_path, "sep=#\nItem#Price, net\nTea#2, or 3\n")
    assert (outcome.text, outcome.locations) == (*("Item\tPrice, net\nTea\t2, or 3", ["Rows 2–3"]),)


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((GERMAN, name) for name in ("utf-8-sig", "utf-16", "cp1252")),
        *((CZECH, "cp1250"), (RUSSIAN, "cp1251"), (JAPANESE, "shift-jis")),
    ],
)
def test_it_reads_any_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    assert read(tmp_path, f"1;{text}\n2;{text}\n", encoding).text == f"1\t{text}\n2\t{text}"


def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    content = 'Item,Note\n\nTea,"first\nsecond"\n' + "Salt,from the sea\n" * 100
    outcome = read(tmp_path, content)
    assert outcome.pages[0].text.startswith("Item\tNote\nTea\tfirst second\nSalt")
    assert outcome.pages[1].text.startswith("Item\tNote\nSalt")
    assert outcome.locations[0].startswith("Rows 1–")
    assert outcome.locations[-1].endswith("–103")


def test_a_quote_that_never_closes_loses_no_words(tmp_path: Path) -> None:
    lines = [f"{n},a row,of words" for n in range(5000)]
    lines[10] = '10,"a row,of words'
    text = read(tmp_path, "\n".join(lines)).text
    assert [n for n in range(5000) if str(n) not in text] == []


def test_what_came_before_too_wide_a_row_is_kept(tmp_path: Path) -> None:
    content = "Item,Price\n" + "Tea,2\n" * 300 + "x," * 1_000_000
    outcome = read(tmp_path, content)
    assert outcome.code == ErrorCode.TOO_COMPLEX
    assert outcome.text.count("Tea\t2") == 300


def test_a_huge_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"Part,Price\n" + b"The inlet valve of the boiler,3.50\n" * 100_000)
    outcome = read_as(CSV, path, limits=Limits(memory_bytes=120 * MIB))
    assert outcome.code is None
    assert outcome.locations[-1].endswith("–100001")


def test_a_cell_of_millions_of_letters_is_read(tmp_path: Path) -> None:
    content = b"Item,Words\nTea," + b"word " * 600_000 + b"\nthe,end\n"
    outcome = read_bytes(tmp_path, "a.csv", content)
    assert (outcome.code, outcome.text.count("word")) == (None, 600_000)
