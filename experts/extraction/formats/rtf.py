"""Rich text by striprtf: its paragraphs, list items and table rows."""

import re
from collections.abc import Iterator
from pathlib import Path

from striprtf.striprtf import rtf_to_text

from experts.extraction.formats.rtf_source import CELL, ROW, ROW_BEGINS, code_page, prepared
from experts.extraction.pages import Document
from experts.extraction.sections import Paragraph, sections

LONG_ROW = 1_000  # characters: a longer row is layout, not data

_MARK = re.compile(f"([{ROW_BEGINS}{CELL}{ROW}])")
_BULLET = re.compile("^ *[\uf000-\uf0ff\u2022\u00b7]\t", re.MULTILINE)  # of symbol fonts, too


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (empty). A cut file is read as far as it goes."""
    data = path.read_bytes()
    source, encoding = prepared(data), code_page(data)  # for striprtf, which is untyped
    text = rtf_to_text(source, encoding, errors="replace")  # type: ignore[no-untyped-call]
    return Document.of_sections(sections(_paragraphs(_joined(text))), skip=skip)


def _paragraphs(text: str) -> Iterator[Paragraph]:
    """Lines, and the rows between them."""
    row = _Row()
    for piece in _MARK.split(text):
        if piece == ROW_BEGINS:
            yield from row.begin()
        elif piece == CELL:
            yield from row.cell()
        elif piece == ROW:
            yield from row.end()
        else:
            row.held += piece
    yield from row.end()


class _Row:
    """The row that we are in, if we are, and the text since the last mark."""

    def __init__(self) -> None:
        self.held = ""
        self._cells: list[str] | None = None
        self._row_before = False

    def begin(self) -> Iterator[Paragraph]:
        """Some programs say it again at the row's end."""
        if self._cells is None:
            yield from self._lines(self.held)
            self._cells, self.held = [], ""

    def cell(self) -> Iterator[Paragraph]:
        """Complete one; the first of a row that nobody began is a line."""
        if self._cells is None:
            before, _, self.held = self.held.rpartition("\n")
            yield from self._lines(before)
            self._cells = []
        self._cells.append(self.held)
        self.held = ""

    def end(self) -> Iterator[Paragraph]:
        """A long one is layout, and its cells are lines."""
        cells, self._cells = self._cells or [], None
        row = "\t".join(" ".join(cell.split()) for cell in cells)
        if row.strip() and len(row) <= LONG_ROW:
            yield Paragraph(row.rstrip(), tight=self._row_before)
            self._row_before = True
        else:
            yield from self._lines("\n".join(cells))
        rest, self.held = self.held, ""
        yield from self._lines(rest)

    def _lines(self, text: str) -> Iterator[Paragraph]:
        for line in _BULLET.sub("- ", text).split("\n"):
            if shown := line.strip():
                yield Paragraph(shown)
                self._row_before = False


def _joined(text: str) -> str:
    """Characters beyond 16 bits come in halves."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
