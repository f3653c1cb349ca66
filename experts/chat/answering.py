"""From a question to a cited answer, as events that come while it is made."""

import logging
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from textwrap import shorten
from uuid import UUID

from django.conf import settings

from experts.chat.citations import Citation, Citations, Cited, Token
from experts.chat.following import asked_before, goes_on
from experts.models import Expert
from experts.providers import get_answerer
from experts.providers.base import Answerer, ProviderError, Quote, Turn
from experts.providers.extractive import ExtractiveAnswerer
from experts.providers.usage import Account, charged_to
from experts.retrieval.marking import mark
from experts.retrieval.search import SearchResult, search

__all__ = ["ChatEvent", "Citation", "Cited", "Done", "Token", "answer"]

logger = logging.getLogger(__name__)

NOT_IN_THE_FILES = "The files of this expert hold nothing about that."
FOUND_BY_WORDS = "Found by words alone: the search by meaning is not available at the moment."
TAKEN_TOGETHER = "Searched together with your earlier question: “{before}”"
ANSWERER_DOWN = "The language model failed: {error} The best places are quoted instead."


@dataclass(frozen=True)
class Done:
    """The whole answer. `grounded`: it rests on the cited passages; `notice`: what went amiss."""

    text: str
    grounded: bool = False
    citations: list[Citation] = field(default_factory=list)
    notice: str = ""


ChatEvent = Token | Cited | Done


def answer(
    expert: Expert, question: str, *, history: Sequence[Turn] = (), limit: int = 5
) -> Iterator[ChatEvent]:
    """Answer from at most `limit` passages of the expert's ready files; Done comes last.

    Providers that are down are made up for, and `Done.notice` says so. Closing the iterator
    stops the answerer.
    """
    file_ids = list(expert.files.values_list("pk", flat=True))
    with charged_to(Account(expert.owner_id, expert.pk)):
        found, before = find(question, history, file_ids=file_ids, limit=limit)
        searched = f"{before} {question}" if before else question
        quotes = quotes_from(found, question=searched) if found.confident else []
    notices = [FOUND_BY_WORDS] if found.degraded and found.hits else []
    if before:
        notices.append(TAKEN_TOGETHER.format(before=shorten(before, 120, placeholder="…")))
    if found.confident:
        yield from Answering(expert, question, quotes, history=history, notices=notices).events()
    else:
        yield Token(NOT_IN_THE_FILES)
        yield Done(NOT_IN_THE_FILES, notice=" ".join(notices))


def find(
    question: str, history: Sequence[Turn], *, file_ids: Sequence[UUID], limit: int
) -> tuple[SearchResult, str]:
    """What was found, and the earlier question that it was searched together with, or ""."""
    alone = search(question, file_ids=file_ids, limit=limit)
    if not history or not goes_on(question, known=alone.known):
        return alone, ""
    for before in asked_before(history):
        found = search(f"{before} {question}", file_ids=file_ids, limit=limit)
        if found.confident:
            return found, before
    return alone, ""


def quotes_from(found: SearchResult, *, question: str) -> list[Quote]:
    """The passages found, with their best sentences marked.

    Marks by meaning take a tenth of a second. They are what an extractive answer consists of; a
    language model reads for itself, and people should not wait for marks beside its answer, nor
    twice for an embedder that is down.
    """
    passages = [hit.passage for hit in found.hits]
    extractive = settings.PROVIDERS["ANSWERER"] == "extractive"
    marks = mark(question, passages, by_meaning=extractive and not found.degraded)
    return [
        Quote(number, passage, passage.source_file.name, highlights)
        for number, (passage, highlights) in enumerate(zip(passages, marks, strict=True), start=1)
    ]


class Answering:
    """An answer in the making: what was said so far, what it cites, what went amiss."""

    def __init__(
        self,
        expert: Expert,
        question: str,
        quotes: Sequence[Quote],
        *,
        history: Sequence[Turn],
        notices: Sequence[str],
    ) -> None:
        self._expert = expert
        self._question = question
        self._quotes = quotes
        self._history = history
        self._notices = list(notices)
        self._citations = Citations(quotes)
        self._text = ""

    def events(self) -> Iterator[ChatEvent]:
        for event in self._worded():
            if isinstance(event, Token):
                self._text += event.text
            yield event
        cited = self._citations.listed()
        notice = " ".join(self._notices)
        yield Done(self._text, grounded=bool(cited), citations=cited, notice=notice)

    def _worded(self) -> Iterator[Token | Cited]:
        """What the answerer says; from where it fails on, the places themselves."""
        try:
            yield from self._read(get_answerer())
        except ProviderError as error:
            logger.warning("Quoting passages, because the answerer failed: %s", error)
            self._notices.append(ANSWERER_DOWN.format(error=error))
            if self._text:
                yield Token("\n\n")
            yield from self._read(ExtractiveAnswerer())

    def _read(self, answerer: Answerer) -> Iterator[Token | Cited]:
        pieces = answerer.answer(
            self._question, self._quotes, expert=self._expert, history=self._history
        )
        with closing(closeable(pieces)) as said:
            yield from self._citations.read(said)


def closeable(pieces: Iterator[str]) -> Generator[str, None, None]:
    """A close reaches the answerer, which may hold a connection to its vendor."""
    yield from pieces
