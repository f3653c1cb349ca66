"""Nested values as an outline that people read, cut into sections by item.

products:
  - name: Tea
    sizes: 50, 100
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import NamedTuple

from experts.extraction.errors import ExtractionError
from experts.extraction.sections import LONG, shortened

ROW = 200  # characters of short values of a list that stand on one line
DEEPEST = 8  # steps that a location names
LONGEST_LOCATION = 180  # characters

Path = tuple[str | int, ...]


class Value(NamedTuple):
    """A string, number, true, false or null, and the keys and numbers that lead to it."""

    path: Path
    text: str


def outline(values: Iterable[Value]) -> Iterator[tuple[str, str]]:
    """(location, text) of each section, as they are completed: items whole while they are short.

    What came before an ExtractionError of `values` is yielded before it is raised.
    """
    draft = _Draft()
    try:
        for value in values:
            yield from draft.add(value)
    except ExtractionError:
        yield from draft.end()
        raise
    yield from draft.end()


class _Draft:
    """The section being filled, and the item that may still find no room in it."""

    def __init__(self) -> None:
        self._section: list[Value] = []
        self._item: list[Value] = []
        self._size = self._item_size = 0

    def add(self, value: Value) -> Iterator[tuple[str, str]]:
        if self._item and _item(value.path) != _item(self._item[0].path):
            self._section += self._item
            self._size += self._item_size
            self._item, self._item_size = [], 0
        self._item.append(value)
        self._item_size += len(value.text) + len(str(value.path[-1:]))
        if self._section and self._size + self._item_size > LONG:
            yield _finished(self._section)
            self._section, self._size = [], 0
        if self._item_size > LONG:
            yield _finished(self._item)
            self._item, self._item_size = [], 0

    def end(self) -> Iterator[tuple[str, str]]:
        if held := [*self._section, *self._item]:
            yield _finished(held)


def _item(path: Path) -> Path:
    """What belongs together: up to the first number, or the first key where there is none."""
    number = next((index for index, step in enumerate(path) if isinstance(step, int)), 0)
    return path[: number + 1]


def _finished(values: list[Value]) -> tuple[str, str]:
    return location(values[0].path, values[-1].path), "\n".join(_lines(values))


def location(first: Path, last: Path) -> str:
    """ "products, items 3–7": the way to what the section holds, for a person."""
    shared = _shared(first, last)
    steps = [_step(step) for step in first[:shared][:DEEPEST]]
    if shared < min(len(first), len(last), DEEPEST):
        steps += _range(first[shared], last[shared], alone=not steps)
    named = ", ".join(steps)[:LONGEST_LOCATION] or "Value"
    return "I" + named[1:] if first and isinstance(first[0], int) else named


def _step(step: str | int) -> str:
    return f"item {step}" if isinstance(step, int) else shortened(step) or "?"


def _range(first: str | int, last: str | int, *, alone: bool) -> list[str]:
    """Items by their numbers; keys only where nothing else names the place."""
    if isinstance(first, int):
        return [f"items {first}–{last}"]
    return [f"{_step(first)} – {_step(last)}"] if alone else []


def _lines(values: list[Value]) -> Iterator[str]:
    """The outline of the values; short values of a list share a line."""
    line = ""
    for before, value in pairwise([Value((), ""), *values]):
        if _continues(before, value, line):
            line += f", {value.text}"
            continue
        if line:
            yield line
        *above, line = _entry(before.path, value)
        yield from above
    yield line


def _continues(before: Value, value: Value, line: str) -> bool:
    """Whether it is the next of a list of short values."""
    return (
        bool(line and value.path)
        and isinstance(value.path[-1], int)
        and before.path[:-1] == value.path[:-1]
        and before.path != value.path
        and len(line) + len(value.text) < ROW
        and "\n" not in value.text
    )


def _entry(before: Path, value: Value) -> Iterator[str]:
    """The lines that lead from the value before to this one; the last is the value's own."""
    line = ""
    for depth in range(_shared(before, value.path), len(value.path)):
        step = value.path[depth]
        line = line or "  " * depth
        if isinstance(step, int):
            line += "- "
            continue
        line += f"{step}:"
        if depth + 1 < len(value.path):
            yield line
            line = ""
        elif value.text:
            line += " "
    yield line + value.text


def _shared(first: Path, last: Path) -> int:
    """How many steps the two have in common."""
    different = (i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b)
    return next(different, min(len(first), len(last)))
