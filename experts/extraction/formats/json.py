"""JSON of any size, value by value: "key: value" lines under the item or path where they stand."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import ijson

from experts.extraction.encodings import Decoded, encoding_of
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats.json_outline import Value, outline
from experts.extraction.pages import Document, Reached

MAX_DEPTH = 200  # of objects and lists in each other
LONGEST = 40_000  # characters of a string that are one value; the rest follows as more of it


class NotJsonError(ValueError):
    """The text stops being JSON here; the values that came before it are good."""


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError: corrupt, too_complex, empty."""
    text = Decoded(path, encoding_of(path))
    return Document.of_sections(_sections(text), skip=skip, reached=lambda: Reached(text.share))


def _sections(text: Decoded) -> Iterator[tuple[str, str]]:
    chunks = (chunk.encode() for chunk in text if chunk)
    yield from outline(_until_damage(values(ijson.from_iter(chunks))))


def _until_damage(source: Iterator[Value]) -> Iterator[Value]:
    try:
        yield from source
    except NotJsonError as error:
        raise ExtractionError(ErrorCode.CORRUPT) from error


def values_of(text: str) -> list[Value]:
    """The values of a short text. Raises as `values` does."""
    return list(values(io.BytesIO(text.encode("utf-8", "replace"))))


def values(stream: BinaryIO) -> Iterator[Value]:
    """Each value with its path: keys, and numbers from 1 in lists. An empty one has no text.

    Several documents in one file are read one after the other. Raises NotJsonError, and
    ExtractionError (too_complex).
    """
    try:
        yield from _with_paths(ijson.basic_parse(stream, multiple_values=True))
    except ijson.JSONError as error:
        raise NotJsonError from error
    except (ValueError, SystemError) as error:  # a number of thousands of digits
        raise ExtractionError(ErrorCode.TOO_COMPLEX) from error


def _with_paths(events: Iterable[tuple[str, object]]) -> Iterator[Value]:
    path: list[str | int] = []
    before, documents = "", 0
    for event, value in events:
        if event == "map_key":
            path[-1] = str(value)
        elif event in ("end_map", "end_array"):
            path.pop()
            if before == event.replace("end", "start"):
                yield Value(_full(path, documents), "")
        else:
            documents += not path
            _count(path)
            if event in ("start_map", "start_array"):
                _descend(path, "" if event == "start_map" else 0)
            else:
                yield from _pieces(_full(path, documents), _shown(value))
        before = event


def _full(path: list[str | int], documents: int) -> tuple[str | int, ...]:
    """From the second document of a file on, its number leads the way."""
    return (documents, *path) if documents > 1 else tuple(path)


def _count(path: list[str | int]) -> None:
    if path and isinstance(path[-1], int):
        path[-1] += 1


def _descend(path: list[str | int], first: str | int) -> None:
    path.append(first)
    if len(path) > MAX_DEPTH:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)


def _shown(value: object) -> str:
    """As JSON writes it, but for the quotes."""
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def _pieces(path: tuple[str | int, ...], text: str) -> Iterator[Value]:
    for start in range(0, max(len(text), 1), LONGEST):
        yield Value(path, text[start : start + LONGEST])
