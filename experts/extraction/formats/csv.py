"""Comma-separated values, with whatever separates them, in any encoding, row by row."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from experts.extraction.encodings import LONG_LINE, Lines
from experts.extraction.pages import Document, Reached
from experts.extraction.tables import Row, blocks, filled

DELIMITERS = ",;\t|"
SAMPLE = 200  # lines that the delimiter is told from
LONG = 1 << 20  # characters of one record; a quote that never closes ends there
ROWS_OF_A_QUOTE = 1_000  # lines that one cell may have


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: empty, and too_complex at a row with too many columns."""
    csv.field_size_limit(SAMPLE * LONG_LINE)
    table = _Table(path)
    return Document.of_sections(blocks(table), skip=skip, reached=table.reached)


class _Table:
    """The rows, and how far they have come."""

    def __init__(self, path: Path) -> None:
        self._lines = Lines(path)
        self._delimiter = delimiter_of("".join(islice(Lines(path), SAMPLE)))
        self._number = 0

    def reached(self) -> Reached:
        return Reached(self._lines.share, "row", self._number)

    def __iter__(self) -> Iterator[Row]:
        for record in _records(self._lines):
            for values in csv.reader(io.StringIO(record), delimiter=self._delimiter):
                self._number += 1
                if self._number > 1 or not _says_delimiter(values):
                    yield Row(self._number, filled(values))


def _records(source: Iterable[str]) -> Iterator[str]:
    """Lines, joined while a quote is open; a lone quote costs a few rows their borders."""
    held: list[str] = []
    quotes = size = 0
    for line in source:
        held.append(line)
        quotes += line.count('"')
        size += len(line)
        complete = quotes % 2 == 0 and line.endswith("\n")
        if complete or len(held) > ROWS_OF_A_QUOTE or size > LONG:
            yield "".join(held)
            held, quotes, size = [], 0, 0
    yield "".join(held)


def delimiter_of(sample: str) -> str:
    """The one that cuts most rows into the same number of cells, and into more of them.

    Excel's own first line "sep=;" has the last word.
    """
    first = sample.partition("\n")[0].strip().strip('"')
    if first.lower().startswith("sep=") and len(first) == 5:
        return first[4]
    return max(DELIMITERS, key=lambda delimiter: _fit(sample, delimiter))


def _fit(sample: str, delimiter: str) -> tuple[float, int]:
    """(share of rows with the usual number of cells, that number); one cell fits nothing.

    Cells that begin with a space count half: that is how commas stand in sentences.
    """
    rows = [row for row in csv.reader(io.StringIO(sample), delimiter=delimiter) if row]
    counts = Counter(map(len, rows))
    usual, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    if usual < 2:
        return 0.0, 0
    spaced = [cell.startswith(" ") for row in rows for cell in row[1:]]
    return times / len(rows) * (1 - sum(spaced) / len(spaced) / 2), usual


def _says_delimiter(values: list[str]) -> bool:
    said = "".join(values).lower()
    return said.startswith("sep=") and len(said) <= 5
