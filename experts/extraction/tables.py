"""Rows of any spreadsheet as text: in blocks of a passage's size, each under its header."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.prose.splitting import SIZE

MAX_COLUMNS = 16_384  # of a sheet, in every program
LATEST_HEADER = 20  # rows of titles and remarks may come before it
LONG_HEADER = SIZE // 2  # characters
LONG_LABEL = 80  # characters: a longer cell is no column's name

_NUMBER = re.compile(r"[\d\s.,:/%€$£¥+()-]+")


class Row(NamedTuple):
    """A row by its number in the sheet, from 1; the text of its filled cells by column, from 1."""

    number: int
    cells: Mapping[int, str]


def blocks(rows: Iterable[Row], title: str = "") -> Iterator[tuple[str, str]]:
    """(location, text): "Rows 2–18" and these rows, after the title and the header's row.

    The header is the first row of several cells, if all of them are labels. Where it is too
    long to be repeated, or a row to stand under it, rows are lines of "Label: value".
    """
    table = _Table(title)
    try:
        for row in rows:
            if row.cells:
                yield from table.take(row)
    except ExtractionError:
        yield from table.flush()  # what came before is good
        raise
    yield from table.flush()


class _Table:
    """The header, once it is found, and the block being filled."""

    def __init__(self, title: str) -> None:
        self._title = title
        self._labels: Mapping[int, str] = {}
        self._seen = 0  # rows that may be the header
        self._header = ""  # empty also where it would leave too little room for its rows
        self._top = f"{title}\n\n" if title else ""
        self._held: list[str] = []
        self._size = self._first = self._last = 0

    def take(self, row: Row) -> Iterator[tuple[str, str]]:
        """One more row; yields the block that is full."""
        text = self._text(row.cells)
        if self._held and self._size + len(text) > SIZE - len(self._top):
            yield from self.flush()
        self._first = self._first if self._held else row.number
        self._held.append(text)
        self._size += len(text) + 1
        self._last = row.number
        if self._seen < LATEST_HEADER and not self._labels:
            self._look_for_header(row.cells)

    def flush(self) -> Iterator[tuple[str, str]]:
        """Complete the block; the next one begins with the header again."""
        if self._held:
            where = (
                f"Row {self._first}"
                if self._first == self._last
                else f"Rows {self._first}–{self._last}"
            )
            yield where, self._top + "\n".join(self._held)
        self._held, self._size = [], 0
        self._top = "\n\n".join(filter(None, [self._title, self._header])) + "\n"

    def _look_for_header(self, cells: Mapping[int, str]) -> None:
        self._seen += 1
        if len(cells) > 1:
            self._seen = LATEST_HEADER
            if all(map(_is_label, cells.values())):
                self._labels = cells
                header = self._line(cells)
                self._header = header if len(header) < LONG_HEADER else ""

    def _text(self, cells: Mapping[int, str]) -> str:
        line = self._line(cells)
        fits = len(line) <= SIZE - len(self._top) and bool(self._header)
        return line if fits or not self._labels else "\n" + self._labelled(cells)

    def _line(self, cells: Mapping[int, str]) -> str:
        """Empty cells keep their place as far as the header reaches."""
        if not self._labels:
            return "\t".join(cells.values())
        line = "\t".join(cells.get(column, "") for column in self._labels)
        others = [text for column, text in cells.items() if column not in self._labels]
        return "\t".join([line, *others]).rstrip("\t")

    def _labelled(self, cells: Mapping[int, str]) -> str:
        return "\n".join(
            f"{self._labels[column]}: {text}" if column in self._labels else text
            for column, text in cells.items()
        )


def filled(values: Iterable[str], *, first: int = 1) -> dict[int, str]:
    """The cells that hold text, each on one line. Raises ExtractionError (too_complex)."""
    cells: dict[int, str] = {}
    for column, value in enumerate(values, start=first):
        if column > MAX_COLUMNS:
            raise ExtractionError(ErrorCode.TOO_COMPLEX)
        if text := " ".join(value.split()):
            cells[column] = text
    return cells


def _is_label(text: str) -> bool:
    return len(text) <= LONG_LABEL and not _NUMBER.fullmatch(text)
