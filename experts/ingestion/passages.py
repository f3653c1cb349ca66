"""The passages of a file, page after page; a sentence that runs over a page break stays whole."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from experts.extraction.pages import ExtractedPage
from experts.extraction.quality import Condition
from experts.ingestion.page_breaks import Seam, seam
from experts.prose.splitting import split

LONGEST_LOCATION = 200  # characters

_COUNTED = re.compile(r"(.*?)(\w+?)s? (\d+)(?:–(\d+))?", re.DOTALL)


class Piece(NamedTuple):
    """A passage and its place: `page` is the number of the page that it begins on.

    `text` is page_text[start:end]. Where a sentence runs over the page break, a line break and
    next_page_text[next_start:next_end] follow; otherwise these two are None.
    """

    page: int
    location: str
    text: str
    start: int
    end: int
    next_start: int | None = None
    next_end: int | None = None


class PageByPage:
    """Pages in, passages out, one page later: only then it is known how a page's end goes on.

    What is held is the last page and how much of it belongs to passages already. Both can be
    told from what is stored, so that another attempt cuts exactly like this one.
    """

    def __init__(self, held: ExtractedPage | None = None, begun: int = 0) -> None:
        self._held = held
        self._begun = begun

    def add(self, page: ExtractedPage) -> Iterator[Piece]:
        """The passages of the page before this one."""
        sewn = self._sewn(page)
        yield from self._cut(page, sewn)
        self._held, self._begun = page, sewn.stop if sewn else 0

    def end(self) -> Iterator[Piece]:
        """The passages of the last page."""
        yield from self._cut(None, None)
        self._held = None

    def _sewn(self, page: ExtractedPage) -> Seam | None:
        held = self._held
        if held is None or not page.follows or page.condition != Condition.TEXT:
            return None
        if held.condition != Condition.TEXT or page.number != held.number + 1:
            return None
        found = seam(held.text, page.text)
        return found if found and found.end > self._begun else None

    def _cut(self, page: ExtractedPage | None, sewn: Seam | None) -> Iterator[Piece]:
        """Garbled pages make no passages: they are left out of the search."""
        if self._held is None or self._held.condition != Condition.TEXT:
            return
        own = self._held.text[self._begun : sewn.end if sewn else None]
        if page is None or sewn is None:
            yield from (self._piece(own, start, end) for start, end in split(own))
            return
        whole, joint = f"{own}\n{page.text[sewn.start : sewn.stop]}", len(own)
        shift = sewn.start - joint - 1  # from a place behind the joint to one on the next page
        for start, end in split(whole):
            if end <= joint:
                yield self._piece(whole, start, end)
            elif start > joint:
                text = whole[start:end]
                yield Piece(page.number, page.location, text, start + shift, end + shift)
            else:
                yield self._piece(whole, start, joint)._replace(
                    location=both(self._held.location, page.location),
                    text=whole[start:end],
                    next_start=sewn.start,
                    next_end=end + shift,
                )

    def _piece(self, text: str, start: int, end: int) -> Piece:
        assert self._held
        place = self._begun + start, self._begun + end
        return Piece(self._held.number, self._held.location, text[start:end], *place)


def both(first: str, second: str) -> str:
    """Two places as one: "Pages 3–4", "manual.pdf, Pages 3–4", "Lines 1–400"."""
    one, other = _COUNTED.fullmatch(first), _COUNTED.fullmatch(second)
    if one and other and one.group(1, 2) == other.group(1, 2):
        return f"{one[1]}{one[2]}s {one[3]}–{other[4] or other[3]}"
    return f"{first} and {second}"[:LONGEST_LOCATION]
