"""The sentences of a passage that fit a question best."""

import pytest
from django.contrib.auth.models import User

from experts.models import Passage
from experts.retrieval.marking import mark
from tests.fakes import FakeEmbedder
from tests.learning import learnt

TEXT = (
    "Trains leave at noon. Coffee for guests is deductible in full. Nobody knows why. "
    "Keep the receipt of the coffee for seven years."
)


@pytest.fixture
def passages(alice: User, embedder: FakeEmbedder) -> list[Passage]:
    file = learnt(TEXT, "Tea is green.", owner=alice)
    return list(file.passages.all())


def marked(question: str, passages: list[Passage]) -> list[list[str]]:
    spans = mark(question, passages)
    return [
        [passage.text[start:end] for start, end in found]
        for passage, found in zip(passages, spans, strict=True)
    ]


def test_the_two_best_are_marked_in_the_order_of_the_text(passages: list[Passage]) -> None:
    assert marked("Where do I keep the receipt for coffee?", passages)[0] == [
        "Coffee for guests is deductible in full.",
        "Keep the receipt of the coffee for seven years.",
    ]


def test_every_passage_has_its_own(passages: list[Passage]) -> None:
    assert marked("coffee", passages)[1] == ["Tea is green."]


def test_a_heading_is_no_answer(alice: User, embedder: FakeEmbedder) -> None:
    text = "Coffee for guests\n\nIt is deductible in full.\n\nKeep the receipt for seven years."
    passages = list(learnt(text, owner=alice).passages.all())
    assert marked("coffee for guests", passages)[0] == [
        "It is deductible in full.",
        "Keep the receipt for seven years.",
    ]


def test_a_passage_of_headings_alone_is_marked_all_the_same(
    alice: User, embedder: FakeEmbedder
) -> None:
    passages = list(learnt("Coffee for guests", owner=alice).passages.all())
    assert marked("coffee", passages) == [["Coffee for guests"]]


def test_words_suffice_when_the_embedder_is_down(
    passages: list[Passage], embedder: FakeEmbedder
) -> None:
    embedder.refuse("Out of order.")
    assert "Trains leave at noon." in marked("When do trains leave?", passages)[0]


def test_words_alone_ask_no_embedder(
    passages: list[Passage], embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(FakeEmbedder, "embed_passages")
    assert mark("trains", passages, by_meaning=False)[0][0] == (0, 21)


def test_nothing_to_mark_is_no_error(embedder: FakeEmbedder, db: None) -> None:
    assert mark("coffee", []) == []
