"""Plain text in any encoding, in stretches of about 200 lines, however large the file."""

from collections.abc import Iterator
from pathlib import Path

from experts.extraction.encodings import Lines
from experts.extraction.pages import Document, Reached

LINES = 200  # of one section; a blank line a little earlier is a better place to end
EARLIEST = 150
LONG = 40_000  # characters of one section, however long its lines are


def read(path: Path, *, skip: int) -> Document:
    lines = Lines(path)
    return Document.of_sections(
        _sections(lines), skip=skip, flowing=True, reached=lambda: Reached(lines.share)
    )


def _sections(lines: Lines) -> Iterator[tuple[str, str]]:
    held: list[str] = []
    size, first, line = 0, 1, 1
    for piece in lines:
        if held and size + len(piece) > LONG:
            yield _location(first, line, held), "".join(held)
            held, size, first = [], 0, line
        held.append(piece)
        size += len(piece)
        line += piece.endswith("\n")
        if line - first >= LINES or (line - first >= EARLIEST and not piece.strip()):
            yield _location(first, line, held), "".join(held)
            held, size, first = [], 0, line
    if held:
        yield _location(first, line, held), "".join(held)


def _location(first: int, line: int, held: list[str]) -> str:
    """`line` is the one that would come next, unless the last piece did not end it."""
    last = line - held[-1].endswith("\n")
    return f"Line {first}" if first == last else f"Lines {first}–{last}"
