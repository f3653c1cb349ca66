"""Citations in an answer as it streams: only real ones, numbered as they appear."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypedDict

from experts.providers.base import Quote

_CITATION = re.compile(r"\s?\[\d{1,3}(?:\s?,\s?\d{1,3})*\]")
_UNFINISHED = re.compile(r"\s?(?:\[[\d,\s]{0,40})?\Z")  # what may yet become a citation
_SPACE = re.compile(r"^\s?")


class Citation(TypedDict):
    """A passage that an answer rests on, as the API shows it and a message keeps it."""

    number: int
    passage_id: int
    file_id: str
    file_name: str
    page: int
    last_page: int
    location: str
    text: str
    highlights: list[list[int]]


@dataclass(frozen=True)
class Token:
    """The next piece of the answer's text."""

    text: str


@dataclass(frozen=True)
class Cited:
    """A number that appears for the first time in what comes next."""

    citation: Citation


class Citations:
    """The citations of one answer.

    Whoever words an answer numbers the quotes as they were handed over and may invent numbers;
    readers see 1, 2, 3 in the order of the text, and no number without a passage.
    """

    def __init__(self, quotes: Sequence[Quote]) -> None:
        self._quotes = {quote.number: quote for quote in quotes}
        self._numbers: dict[int, int] = {}

    def listed(self) -> list[Citation]:
        return [
            cite(self._quotes[number], as_number) for number, as_number in self._numbers.items()
        ]

    def read(self, pieces: Iterable[str]) -> Iterator[Token | Cited]:
        """Turn the answerer's pieces into events; a citation may be cut between two pieces."""
        held = ""
        for piece in pieces:
            held += piece
            unfinished = _UNFINISHED.search(held)
            ready = unfinished.start() if unfinished else len(held)
            yield from self._events(held[:ready])
            held = held[ready:]
        yield from self._events(held)

    def _events(self, text: str) -> Iterator[Token | Cited]:
        known = set(self._numbers)
        worded = _CITATION.sub(self._renumbered, text)
        for number, as_number in self._numbers.items():
            if number not in known:
                yield Cited(cite(self._quotes[number], as_number))
        if worded:
            yield Token(worded)

    def _renumbered(self, found: re.Match[str]) -> str:
        """`[3, 1]` as readers see it, `[1][2]`; nothing, if no such quote exists."""
        space = _SPACE.match(found[0])
        numbers = [int(number) for number in re.findall(r"\d+", found[0])]
        real = [number for number in numbers if number in self._quotes]
        for number in real:
            self._numbers.setdefault(number, len(self._numbers) + 1)
        shown = "".join(f"[{self._numbers[number]}]" for number in real)
        return f"{space[0] if space else ''}{shown}" if shown else ""


def cite(quote: Quote, number: int) -> Citation:
    passage = quote.passage
    return Citation(
        number=number,
        passage_id=passage.pk,
        file_id=str(passage.source_file_id),
        file_name=quote.file_name,
        page=passage.page,
        last_page=passage.last_page,
        location=passage.location,
        text=passage.text,
        highlights=[[start, end] for start, end in quote.highlights],
    )
