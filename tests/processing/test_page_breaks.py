"""A sentence that runs over a page break stays whole, and its passage has both pages."""

from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.extraction.pages import ExtractedPage
from experts.extraction.quality import Condition
from experts.ingestion.page_breaks import seam
from experts.ingestion.passages import PageByPage, Piece, both

WHOLE = "The gauge is read every morning and the figure is noted in the log. "
FIRST, SECOND = "Before the pump is opened, the inlet valve", "is closed by hand and locked."
PARAGRAPH = (
    "The station at the river was built in the year of the flood and has\n"
    "since been serviced every spring by the men of the village, who have\n"
    "kept its book with care, for which the county has thanked the old"
)


def pages_of(*texts: str, follows: bool = True) -> list[ExtractedPage]:
    return [
        ExtractedPage(number, f"Page {number}", text, Condition.TEXT, follows=follows)
        for number, text in zip(count(1), texts, strict=False)
    ]


def pieces_of(pages: list[ExtractedPage]) -> list[Piece]:
    cut = PageByPage()
    found = [piece for page in pages for piece in cut.add(page)]
    return [*found, *cut.end()]


def pieces(*texts: str) -> list[Piece]:
    return pieces_of(pages_of(*texts))


def test_a_sentence_that_runs_over_is_in_one_passage_of_both_pages() -> None:
    first, second = pieces(WHOLE * 3 + FIRST, f"{SECOND} {WHOLE * 3}")
    assert first.text.endswith(f"{FIRST}\n{SECOND}")
    assert first.location == "Pages 1–2"
    assert (second.page, second.location) == (2, "Page 2")
    assert second.text.startswith("The gauge")


def test_what_the_paper_has_of_its_own_is_not_in_the_way() -> None:
    head, foot = "Station manual", "Version 3 • page {}"
    texts = [f"{head}\n{WHOLE}{FIRST}\n{foot.format(7)}", f"{head}\n{SECOND}\n{foot.format(8)}"]
    first, *_ = pieces(*texts)
    assert first.text == f"{head}\n{WHOLE}{FIRST}\n{SECOND}"


@pytest.mark.parametrize(
    ("foot", "next_foot"), [("12", "13"), ("– 12 –", "– 13 –"), ("12 Pumps", "Valves 13")]
)
def test_page_numbers_are_told_by_counting(foot: str, next_foot: str) -> None:
    assert seam(f"{FIRST}\n{foot}", f"{SECOND}\n{next_foot}") == (len(FIRST), 0, len(SECOND))


@pytest.mark.parametrize(("foot", "next_foot"), [("12", "14"), ("Pumps", "Valves")])
def test_lines_that_do_not_count_belong_to_the_text(foot: str, next_foot: str) -> None:
    assert seam(f"{FIRST}.\n{foot}", f"{SECOND}\n{next_foot}") is None


def test_a_capital_letter_goes_on_only_in_a_paragraph_that_fills_its_lines() -> None:
    after = "Hansen family and their sons, who worked there.\nNobody else did, then or later."
    assert seam(PARAGRAPH, after) == (len(PARAGRAPH), 0, after.index(".") + 1)
    assert seam("A note on the pumps of the old", after) is None


@pytest.mark.parametrize(
    ("text", "following"),
    [
        (f"{WHOLE}{FIRST}.", SECOND),  # it has ended
        (f"{WHOLE}\nDo the following:", "close the valve."),
        (f"{WHOLE}\n\nStarting up", "the pump is easy."),  # a heading, and a page in disorder
        (f"{WHOLE}\nTea\t2", "coffee\t3"),  # rows
        (f"{WHOLE}{FIRST}", "- is an item of a list."),
        (f"{WHOLE}{FIRST}", "is " * 400),  # no sentence is that long
        ("", SECOND),
        (FIRST, ""),
    ],
)
def test_where_no_sentence_runs_over_pages_are_not_sewn(text: str, following: str) -> None:
    assert seam(text, following) is None


def test_languages_without_capitals_or_spaces_are_sewn_too() -> None:
    before = "東京都は日本の首都であり、世界でも\n有数の大都市として知られ、日本の人\n"
    before += "口のおよそ一割がここに集まって暮ら"
    assert seam(before, "している。\n夜も明るい。") == (len(before), 0, 5)


def test_sections_that_do_not_flow_are_left_apart() -> None:
    pages = pages_of(FIRST, SECOND, follows=False)
    assert [piece.text for piece in pieces_of(pages)] == [FIRST, SECOND]


def test_a_page_between_that_cannot_be_read_parts_them() -> None:
    garbled = ExtractedPage(2, "Page 2", "\ue000", Condition.GARBLED)
    first, _, third = pages_of(FIRST, "", SECOND)
    assert [piece.text for piece in pieces_of([first, garbled, third])] == [FIRST, SECOND]


TEXTS = st.lists(
    st.lists(
        st.sampled_from(
            [
                "word ",
                "Short. ",
                "the valve",
                "\n",
                "\n\n",
                "- item ",
                "a\tb\n",
                "12",
                "日本語。",
                "No",
            ]
        ),
        max_size=60,
    ).map("".join),
    min_size=1,
    max_size=6,
)


def named(texts: list[str]) -> list[str]:
    """A page never begins or ends with a line break: cleaning has seen to that."""
    return [text.strip("\n") for text in texts]


@given(texts=TEXTS)
def test_passages_are_exact_over_page_breaks(texts: list[str]) -> None:
    texts = named(texts)
    for piece in pieces(*texts):
        expected = texts[piece.page - 1][piece.start : piece.end]
        if piece.next_end is not None:
            expected += "\n" + texts[piece.page][piece.next_start : piece.next_end]
        assert piece.text == expected


@given(texts=TEXTS)
def test_nothing_is_left_out_but_lines_that_the_page_beside_has_too(texts: list[str]) -> None:
    texts = named(texts)
    left = [list(text) for text in texts]
    for piece in pieces(*texts):
        left[piece.page - 1][piece.start : piece.end] = " " * (piece.end - piece.start)
        if piece.next_start is not None and piece.next_end is not None:
            blank = " " * (piece.next_end - piece.next_start)
            left[piece.page][piece.next_start : piece.next_end] = blank
    for number, letters in enumerate(left):
        beside = [*texts[max(0, number - 1) : number], *texts[number + 1 : number + 2]]
        known = {line.strip() for text in beside for line in text.splitlines()}
        assert {line.strip() for line in "".join(letters).splitlines()} - {""} <= known


@given(texts=TEXTS, at=st.integers(min_value=1, max_value=5))
def test_cutting_goes_on_where_it_stopped(texts: list[str], at: int) -> None:
    pages = pages_of(*named(texts))
    cut = PageByPage()
    before = [piece for page in pages[:at] for piece in cut.add(page)]
    held = pages[min(at, len(pages)) - 1]
    begun = 0
    if before and before[-1].next_end is not None and before[-1].page + 1 == held.number:
        begun = before[-1].next_end
    elif before and before[-1].page == held.number:
        begun = before[-1].end
    again = PageByPage(held, begun)
    after = [piece for page in pages[at:] for piece in again.add(page)]
    assert [*before, *after, *again.end()] == pieces_of(pages)


@pytest.mark.parametrize(
    ("first", "second", "together"),
    [
        ("Page 3", "Page 4", "Pages 3–4"),
        ("Lines 1–200", "Lines 201–350", "Lines 1–350"),
        ("manual.pdf, Page 1", "manual.pdf, Page 2", "manual.pdf, Pages 1–2"),
        ("Preface", "Section “Pumps”", "Preface and Section “Pumps”"),
    ],
)
def test_two_places_are_named_as_one(first: str, second: str, together: str) -> None:
    assert both(first, second) == together
