"""JSON lines: a record a line. A line that is no JSON is read as it stands."""

from collections.abc import Iterator
from pathlib import Path

from experts.extraction.encodings import Followed, encoding_of
from experts.extraction.formats.json import NotJsonError, values_of
from experts.extraction.formats.json_outline import outline
from experts.extraction.pages import Document, Reached
from experts.extraction.sections import LONG

LONGEST = 16 << 20  # characters of one line; a longer one comes in parts, as plain text


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: too_complex, empty."""
    records = _Records(path)
    return Document.of_sections(
        _sections(records), skip=skip, reached=lambda: Reached(records.share)
    )


def _sections(records: "_Records") -> Iterator[tuple[str, str]]:
    """Short records together, a long one in parts."""
    held: list[str] = []
    size = first = last = 0
    for number, part in records:
        if held and size + len(part) > LONG:
            yield _location(first, last), "\n\n".join(held)
            held, size = [], 0
        first, last = first if held else number, number
        held.append(part)
        size += len(part)
    if held:
        yield _location(first, last), "\n\n".join(held)


class _Records(Followed):
    """(number of the line, its text or a part of it that fits a section)."""

    def __iter__(self) -> Iterator[tuple[int, str]]:
        number = 1
        encoding = encoding_of(self._path)
        with self._path.open(encoding=encoding, errors="replace") as self._stream:
            while line := self._stream.readline(LONGEST):
                if line.strip():
                    yield from ((number, part) for part in _outlined(line))
                number += line.endswith("\n")


def _outlined(line: str) -> list[str]:
    """The parts of a record. Raises ExtractionError (too_complex)."""
    try:
        return [text for _, text in outline(values_of(line))]
    except NotJsonError:
        return [line]


def _location(first: int, last: int) -> str:
    return f"Line {first}" if first == last else f"Lines {first}–{last}"
