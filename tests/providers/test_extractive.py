"""Answers without a language model."""

from collections.abc import Sequence

import pytest

from experts.models import Expert, Passage
from experts.providers.base import Quote
from experts.providers.extractive import OPENING, ExtractiveAnswerer, marked


def quote(text: str, *highlights: tuple[int, int], number: int = 1) -> Quote:
    return Quote(number, Passage(text=text), "guide.txt", highlights)


def said(quotes: Sequence[Quote]) -> str:
    return "".join(ExtractiveAnswerer().answer("?", quotes, expert=Expert(), history=[]))


def test_it_says_what_it_does_and_quotes_three() -> None:
    quotes = [quote(f"Text {number}.", number=number) for number in range(1, 6)]
    assert said(quotes).split("\n\n") == [
        OPENING,
        "“Text 1.” [1]",
        "“Text 2.” [2]",
        "“Text 3.” [3]",
        "Also close: [4] [5]",
    ]


def test_it_names_no_others_when_there_are_none() -> None:
    assert "Also close" not in said([quote("Text.")])


@pytest.mark.parametrize(
    ("highlights", "shown"),
    [
        ([(0, 4), (5, 9)], "One. Two."),
        ([(0, 4), (10, 16)], "One. … Three."),
        ([(5, 9)], "Two."),
        ([], "One. Two. Three."),
    ],
)
def test_an_ellipsis_stands_for_what_is_between(
    highlights: list[tuple[int, int]], shown: str
) -> None:
    assert marked(quote("One. Two.\nThree.", *highlights)) == shown


def test_a_long_sentence_is_cut_at_a_word() -> None:
    shown = marked(quote("coffee " * 200))
    assert len(shown) <= 500
    assert shown.endswith("coffee …")


def test_references_of_the_text_do_not_look_like_citations() -> None:
    assert marked(quote("As shown [12] and [3, 4] [sic].")) == "As shown (12) and (3, 4) [sic]."


def test_the_bullet_of_an_item_is_not_quoted() -> None:
    assert marked(quote("- Stop the pump - at once.")) == "Stop the pump - at once."
