"""Citations in a stream: only real ones, numbered as they appear."""

from uuid import UUID

import pytest

from experts.chat.citations import Citations, Cited, Token
from experts.models import Passage
from experts.providers.base import Quote

FILE = UUID(int=7)
QUOTES = [
    Quote(
        number,
        Passage(
            pk=number * 10,
            source_file_id=FILE,
            page=number,
            location=f"Page {number}",
            text=f"Text {number}.",
        ),
        "guide.txt",
        highlights=((0, 4),),
    )
    for number in (1, 2, 3)
]


def read(*pieces: str) -> tuple[str, list[int]]:
    """The text that people see, and the passages cited, in order."""
    citations = Citations(QUOTES)
    events = list(citations.read(pieces))
    cited = [event.citation for event in events if isinstance(event, Cited)]
    assert cited == citations.listed()
    assert [each["number"] for each in cited] == list(range(1, len(cited) + 1))
    text = "".join(event.text for event in events if isinstance(event, Token))
    return text, [each["passage_id"] for each in cited]


@pytest.mark.parametrize(
    ("said", "seen", "passages"),
    [
        ("Yes [1].", "Yes [1].", [10]),
        ("Yes [3]. No [1]. Yes [3].", "Yes [1]. No [2]. Yes [1].", [30, 10]),
        ("Yes [2, 3].", "Yes [1][2].", [20, 30]),
        ("Yes [2][2].", "Yes [1][1].", [20]),
        ("Yes [9].", "Yes.", []),
        ("Yes [1, 9].", "Yes [1].", [10]),
        ("Yes [0][1].", "Yes[1].", [10]),
        ("A list [of things], an open [", "A list [of things], an open [", []),
        ("In 1999 [sic] it was [12345].", "In 1999 [sic] it was [12345].", []),
        ("", "", []),
    ],
)
def test_only_real_citations_are_seen(said: str, seen: str, passages: list[int]) -> None:
    assert read(said) == (seen, passages)
    assert read(*said) == (seen, passages)  # one character at a time


def test_a_citation_comes_before_the_text_that_holds_its_number() -> None:
    events = list(Citations(QUOTES).read(["Yes [", "2", "]. No."]))
    assert [type(event).__name__ for event in events] == ["Token", "Cited", "Token"]


def test_text_flows_while_nothing_is_open() -> None:
    events = Citations(QUOTES).read(["One ", "two ", "three"])
    assert next(events) == Token("One")
    assert next(events) == Token(" two")


def test_a_citation_says_where_and_what() -> None:
    citations = Citations(QUOTES)
    list(citations.read(["Yes [2]."]))
    assert citations.listed() == [
        {
            "number": 1,
            "passage_id": 20,
            "file_id": str(FILE),
            "file_name": "guide.txt",
            "page": 2,
            "last_page": 2,
            "location": "Page 2",
            "text": "Text 2.",
            "highlights": [[0, 4]],
        }
    ]
