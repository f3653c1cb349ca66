"""Workbooks: every sheet, row by row under its header, then what is pinned to the sheet.

Read as XML in flat memory: libraries build the whole sheet, or believe what it says of its
size. Formulas are never computed; the result that was saved with them is read.
"""

import re
from collections.abc import Iterator
from functools import cache, reduce
from pathlib import Path

from experts.extraction import xml
from experts.extraction.archives import Archive, Member
from experts.extraction.drawings import words_of, written
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats.xlsx_values import Values, text_of
from experts.extraction.open_xml import listed_parts, main_part, parts_of
from experts.extraction.pages import Document, Reached
from experts.extraction.sections import Paragraph, sections, shortened
from experts.extraction.tables import MAX_COLUMNS, Row, blocks

MAIN = "xl/workbook.xml"  # its usual place
DIGITS = "0123456789"
WORTH_COUNTING = 4 << 20  # bytes of all sheets; smaller ones are read in a second
TAG = 64  # bytes of the longest beginning of a row's tag

_ROW = re.compile(rb"<(?:\w{1,40}:)?row[\s/>]")


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, encrypted, archive_bomb, too_complex, empty."""
    workbook = _Workbook(Archive(path.open("rb")))
    return Document.of_sections(workbook.sections(), skip=skip, reached=workbook.reached)


class _Workbook:
    """The sheets, and how many of all their rows have been read."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._rows = 0
        self._total: int | None = None  # where it was worth counting

    def reached(self) -> Reached:
        share = min(1.0, self._rows / self._total) if self._total else None
        return Reached(share, "row", self._rows, self._total)

    def sections(self) -> Iterator[tuple[str, str]]:
        main = main_part(self._archive, MAIN)
        values = Values(self._archive, main)
        sheets = listed_parts(self._archive, main, "{*}sheet")
        self._total = _counted(self._archive, [part for _, part in sheets])
        for sheet, part in sheets:
            name = shortened(sheet.get("name", ""))
            kind = "Sheet" if sheet.get("state", "visible") == "visible" else "Hidden sheet"
            where = f"{kind} “{name}”"
            for rows, text in blocks(self._read(part, values), title=name):
                yield f"{where}, {rows.lower()}", text
            yield from _pinned(self._archive, part, where)

    def _read(self, part: str, values: Values) -> Iterator[Row]:
        for row in _rows(self._archive.open(part), values):
            self._rows += 1
            yield row


def _counted(archive: Archive, sheets: list[str]) -> int | None:
    """All rows, by their tags: a hundredth of the time that reading them takes.

    What a sheet says of its own extent is often wrong. Small workbooks are read as quickly.
    """
    if sum(map(archive.size, sheets)) < WORTH_COUNTING:
        return None
    return sum(_rows_in(archive.survey(sheet)) for sheet in sheets)


def _rows_in(part: Member) -> int:
    count, before = 0, b""
    while chunk := part.read(1 << 20):
        data = before + chunk
        cut = data.rfind(b"<", -TAG)  # a tag that may go on in the next chunk
        count += len(_ROW.findall(data[:cut] if cut >= 0 else data))
        before = data[cut:] if cut >= 0 else b""
    return count + len(_ROW.findall(before))


def _pinned(archive: Archive, sheet: str, where: str) -> Iterator[tuple[str, str]]:
    """Comments, and the words in shapes and charts."""
    notes = (
        Paragraph(text)
        for part in parts_of(archive, sheet, "comments")
        for text in _comments(archive.open(part))
    )
    drawn = (
        Paragraph(written(words_of(archive, part))) for part in parts_of(archive, sheet, "drawing")
    )
    for label, found in (("comments", notes), ("drawings", drawn)):
        for part, text in sections(found):
            yield f"{where}, {label}" + ("" if part == "Part 1" else f", {part.lower()}"), text


def _comments(part: Member) -> Iterator[str]:
    for _, comment in xml.events(part, "{*}comment", of=xml.END):
        text = comment.find("{*}text")
        if text is not None:
            yield f"{comment.get('ref', '')}: {text_of(text)}"
        xml.forget(comment)


def _rows(part: Member, values: Values) -> Iterator[Row]:
    """The rows as they are found, whatever the sheet claims about its extent."""
    number = 0
    for _, row in xml.events(part, "{*}row", "{*}sheetData", of=xml.END):
        if xml.local_name(row) == "sheetData":
            return  # what follows is formatting
        given = row.get("r", "")
        number = int(given) if given.isdecimal() and len(given) < 10 else number + 1
        yield Row(number, _cells(row, values))
        xml.forget(row)


def _cells(row: xml.Element, values: Values) -> dict[int, str]:
    """Raises ExtractionError (too_complex) for more columns than a sheet can have.

    Goes by the values: cells that are only coloured can be millions.
    """
    if len(row) > MAX_COLUMNS:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    cells: dict[int, str] = {}
    for held in row.iter("{*}v", "{*}is"):
        cell = held.getparent()
        assert cell is not None
        column = _column(cell.get("r", "").rstrip(DIGITS)) or row.index(cell) + 1
        if text := " ".join(values.of(cell, held).split()):
            cells[column] = text
    return cells


@cache
def _column(letters: str) -> int:
    """ "A" → 1, "XFD" → 16,384; 0 when it is no column's name."""
    if not re.fullmatch("[A-Z]{1,3}", letters):
        return 0
    return reduce(lambda number, letter: number * 26 + ord(letter) - 64, letters, 0)
