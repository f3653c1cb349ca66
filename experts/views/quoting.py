"""A cited passage shown where it stands: on its page, with what the answer used marked."""

import re
from collections.abc import Sequence
from typing import NamedTuple


class Part(NamedTuple):
    """A stretch of the passage."""

    text: str
    marked: bool


class Quoted(NamedTuple):
    """The page around the passage, and the passage in parts; what comes after may be the next."""

    before: str
    passage: Sequence[Part]
    after: str


def quoted(
    passage: str, highlights: Sequence[Sequence[int]], *, page: str, next_page: str = ""
) -> Quoted:
    """Find the passage on its pages and mark its highlights, or all of it where there are none.

    Where the pages are gone or read differently now, the passage is shown alone.
    """
    before, after = around(passage, page, next_page)
    return Quoted(before, marked(passage, highlights or [[0, len(passage)]]), after)


def around(passage: str, page: str, next_page: str) -> tuple[str, str]:
    """What stands before and after it. Its line break at the page's end is where it goes over."""
    start = page.find(passage)
    if start >= 0:
        return page[:start], page[start + len(passage) :]
    for line_break in re.finditer("\n", passage):
        first, second = passage[: line_break.start()], passage[line_break.end() :]
        start, goes_on = page.rfind(first), next_page.find(second)
        if start >= 0 and goes_on >= 0:
            return page[:start], next_page[goes_on + len(second) :]
    return "", ""


def marked(passage: str, highlights: Sequence[Sequence[int]]) -> list[Part]:
    """The passage in parts; a highlight is where it starts and where it ends, in characters."""
    parts: list[Part] = []
    at = 0
    for start, end in sorted(map(tuple, highlights)):
        parts += [Part(passage[at:start], marked=False), Part(passage[start:end], marked=True)]
        at = end
    parts.append(Part(passage[at:], marked=False))
    return [part for part in parts if part.text]
