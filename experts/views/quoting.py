"""A cited passage shown where it stands: on its page, with what the answer used marked."""

from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """A stretch of the passage."""

    text: str
    marked: bool


class Quoted(NamedTuple):
    """The page around the passage, and the passage in parts."""

    before: str
    passage: Sequence[Part]
    after: str


def quoted(passage: str, highlights: Sequence[Sequence[int]], *, page: str) -> Quoted:
    """Find the passage on its page and mark its highlights, or all of it where there are none.

    Where the page is gone or reads differently now, the passage is shown alone.
    """
    start = page.find(passage)
    before, after = (page[:start], page[start + len(passage) :]) if start >= 0 else ("", "")
    return Quoted(before, marked(passage, highlights or [[0, len(passage)]]), after)


def marked(passage: str, highlights: Sequence[Sequence[int]]) -> list[Part]:
    """The passage in parts; a highlight is where it starts and where it ends, in characters."""
    parts: list[Part] = []
    at = 0
    for start, end in sorted(map(tuple, highlights)):
        parts += [Part(passage[at:start], marked=False), Part(passage[start:end], marked=True)]
        at = end
    parts.append(Part(passage[at:], marked=False))
    return [part for part in parts if part.text]
