"""Plain text in any encoding, in stretches of about 200 lines, however large the file."""

from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

from experts.ingestion.encodings import encoding_of
from experts.ingestion.pages import Document

LINES = 200  # of one section; a blank line a little earlier is a better place to end
EARLIEST = 150
MAX_CHARACTERS = 40_000  # of one section, however long its lines are


def read(path: Path, *, skip: int) -> Document:
    return Document.of_sections(_sections(path), skip=skip)


def _sections(path: Path) -> Iterator[tuple[str, str]]:
    with path.open(encoding=encoding_of(path), errors="replace") as stream:
        first = 1
        for last, text in _stretches(stream):
            if text.strip():
                yield _location(first, last), text
            first = last + 1 if text.endswith("\n") else last


def _stretches(stream: TextIO) -> Iterator[tuple[int, str]]:
    """(number of the last line, text), each of at most LINES lines and MAX_CHARACTERS."""
    held: list[str] = []
    size, line, begun = 0, 1, 1
    for piece in _pieces(stream):
        if held and size + len(piece) > MAX_CHARACTERS:
            yield line - held[-1].endswith("\n"), "".join(held)
            held, size, begun = [], 0, line
        held.append(piece)
        size += len(piece)
        line += piece.endswith("\n")
        lines = line - begun
        if lines >= LINES or (lines >= EARLIEST and not piece.strip()):
            yield line - 1, "".join(held)
            held, size, begun = [], 0, line
    if held:
        yield line - held[-1].endswith("\n"), "".join(held)


def _pieces(stream: TextIO) -> Iterator[str]:
    """Lines; one that is too long comes in parts, cut between words where it has any."""
    carried = ""
    while read := stream.readline(MAX_CHARACTERS - len(carried)):
        piece, carried = carried + read, ""
        if len(piece) >= MAX_CHARACTERS and not piece.endswith("\n"):
            cut = piece.rfind(" ", MAX_CHARACTERS // 2) + 1 or len(piece)
            piece, carried = piece[:cut], piece[cut:]
        yield piece
    if carried:
        yield carried


def _location(first: int, last: int) -> str:
    return f"Line {first}" if first == last else f"Lines {first}–{last}"
