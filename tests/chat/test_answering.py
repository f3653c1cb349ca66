"""From a question to a cited answer."""

import json
from itertools import repeat

import pytest
from django.contrib.auth.models import User

from experts.chat.answering import (
    FOUND_BY_WORDS,
    NOT_IN_THE_FILES,
    ChatEvent,
    Cited,
    Done,
    Token,
    answer,
)
from experts.models import Expert
from experts.providers.extractive import OPENING
from tests.factories import ExpertFactory
from tests.fakes import FakeAnswerer, FakeEmbedder
from tests.learning import learnt

COFFEE = (
    "Nobody knows why. Coffee for guests is deductible in full. Keep the receipt of the coffee."
)
QUESTION = "Is coffee for guests deductible?"


@pytest.fixture
def expert(alice: User, embedder: FakeEmbedder) -> Expert:
    file = learnt("Trains leave at noon.", COFFEE, owner=alice, name="tax.txt")
    return ExpertFactory(owner=alice, files=[file], ready=True, persona="Your name is Ada.")


def ask(expert: Expert, question: str = QUESTION) -> tuple[list[ChatEvent], Done]:
    *events, done = answer(expert, question)
    assert isinstance(done, Done)
    assert done.text == "".join(event.text for event in events if isinstance(event, Token))
    cited = [event.citation for event in events if isinstance(event, Cited)]
    assert cited == done.citations
    return events, done


def test_it_quotes_the_best_sentences_and_cites_their_page(expert: Expert) -> None:
    _, done = ask(expert)
    quote = "“Coffee for guests is deductible in full. Keep the receipt of the coffee.” [1]"
    assert done.text.startswith(f"{OPENING}\n\n{quote}")
    assert (done.grounded, done.notice) == (True, "")
    best = done.citations[0]
    assert (best["file_name"], best["page"], best["text"]) == ("tax.txt", 2, COFFEE)


def test_highlights_are_the_exact_sentences(expert: Expert) -> None:
    best = ask(expert)[1].citations[0]
    assert [best["text"][start:end] for start, end in best["highlights"]] == [
        "Coffee for guests is deductible in full.",
        "Keep the receipt of the coffee.",
    ]


def test_citations_can_be_kept_as_json(expert: Expert) -> None:
    citations = ask(expert)[1].citations
    assert json.loads(json.dumps(citations)) == citations


@pytest.mark.parametrize("question", ["How deep do submarines dive?", "Hello!", "Who are you?"])
def test_what_the_files_do_not_hold_is_said_plainly(expert: Expert, question: str) -> None:
    events, done = ask(expert, question)
    assert events == [Token(NOT_IN_THE_FILES)]
    assert done == Done(NOT_IN_THE_FILES)


def test_an_expert_without_files_knows_nothing(alice: User, embedder: FakeEmbedder) -> None:
    assert ask(ExpertFactory(owner=alice))[1] == Done(NOT_IN_THE_FILES)


def test_it_says_that_it_searched_by_words_alone(expert: Expert, embedder: FakeEmbedder) -> None:
    embedder.refuse("Out of order.")
    _, done = ask(expert)
    assert (done.grounded, done.notice) == (True, FOUND_BY_WORDS)


def test_a_language_model_is_handed_the_marked_quotes(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    answerer.pieces = ["In full", " [1]."]
    _, done = ask(expert)
    assert [quote.number for quote in answerer.quotes] == [1, 2]
    assert answerer.quotes[0].highlights
    assert (done.text, done.grounded, len(done.citations)) == ("In full [1].", True, 1)


def test_an_answer_that_cites_nothing_is_not_grounded(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    answerer.pieces = ["The files do not say."]
    _, done = ask(expert)
    assert (done.grounded, done.citations) == (False, [])


def test_a_language_model_that_is_down_is_made_up_for(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    answerer.pieces = []
    answerer.refuse("OpenAI could not be reached.")
    _, done = ask(expert)
    assert done.text.startswith(OPENING)
    assert "OpenAI could not be reached." in done.notice
    assert done.grounded


def test_a_language_model_that_fails_midway_is_completed(
    expert: Expert, answerer: FakeAnswerer
) -> None:
    answerer.pieces = ["In full [2], and"]
    answerer.refuse("OpenAI hung up.")
    _, done = ask(expert)
    assert done.text.startswith(f"In full [1], and\n\n{OPENING}")
    assert [citation["number"] for citation in done.citations] == [1, 2]


def test_closing_stops_the_language_model(expert: Expert, answerer: FakeAnswerer) -> None:
    answerer.pieces = repeat("more ")
    events = answer(expert, QUESTION)
    next(events)
    assert not answerer.closed
    events.close()  # type: ignore[attr-defined]  # a generator, as Asking's callers rely on
    assert answerer.closed
