"""Passages: exact, complete, cut where a reader would cut."""

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.prose.splitting import SIZE, TAIL, split

WORDS = "The inlet valve is closed before the pump is opened. "
ANYTHING = st.one_of(
    st.text(max_size=400),
    st.lists(
        st.sampled_from(
            [
                *("Short. ", "word ", "\n", "\n\n", "- item ", "1. ", "a\tb\n", "Heading\n\n"),
                *(
                    "。",
                    "日本語の文",
                    "नमस्ते। ",
                    "مرحبا؟ ",
                    "x" * 90,
                    "e\u0301\u0301",
                    "\u3000",
                    "| a | b |\n",
                ),
            ]
        ),
        max_size=80,
    ).map("".join),
)


def passages(text: str, size: int = SIZE) -> list[str]:
    return [text[start:end] for start, end in split(text, size=size)]


@given(text=ANYTHING, size=st.integers(min_value=2, max_value=300))
def test_passages_are_exact_and_complete(text: str, size: int) -> None:
    spans = split(text, size=size)
    covered = "".join(text[start:end] for start, end in spans)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(end <= start for (_, end), (start, _) in pairwise(spans))
    assert all(text[start:end] == text[start:end].strip() != "" for start, end in spans)
    assert all(end - start <= (1 + TAIL) * size for start, end in spans)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t ", "\u3000"])
def test_white_space_makes_no_passage(text: str) -> None:
    assert split(text) == []


def test_a_short_text_is_one_passage() -> None:
    assert passages("  One. Two.\n") == ["One. Two."]


def test_it_cuts_between_sentences() -> None:
    found = passages(WORDS * 100)
    assert all(passage.endswith("opened.") for passage in found)
    assert all(len(passage) > 0.6 * SIZE for passage in found[:-1])


def test_a_paragraph_is_a_better_place_to_cut() -> None:
    text = f"{WORDS * 17}\n\n{WORDS * 17}\n\n{WORDS * 17}"
    assert passages(text) == [(WORDS * 17).strip()] * 3


def test_a_heading_goes_with_what_follows() -> None:
    text = f"{(WORDS * 20).strip()}\n\nStarting up\n\n{(WORDS * 20).strip()}"
    first, second = passages(text)
    assert first.endswith("opened.")
    assert second.startswith("Starting up\n\nThe inlet")


def test_a_line_that_announces_a_list_goes_with_it() -> None:
    text = f"{(WORDS * 21).strip()}\n\nDo the following:\n" + "- close the valve\n" * 20
    assert passages(text)[1].startswith("Do the following:\n- close")


def test_rows_stay_whole() -> None:
    row = "Station 12. North\tserviced. Twice\t14 months\n"
    for passage in passages(row * 100):
        assert all(line == row.strip() for line in passage.splitlines())


def test_list_items_stay_whole() -> None:
    item = "- close the valve and wait\n  until it is cold\n"
    assert all(passage.startswith("- close") for passage in passages(item * 100))


def test_text_without_spaces_is_cut_at_its_sentences() -> None:
    found = passages("東京都は日本の首都です。" * 300)
    assert len(found) > 2
    assert all(passage.endswith("。") for passage in found)


@pytest.mark.parametrize(
    "sentence", ["مرحبا بالعالم؟ ", "नमस्ते दुनिया। ", "Γειά σου Κόσμε. ", "Привет, мир! "]
)
def test_other_scripts_are_cut_at_their_sentences(sentence: str) -> None:
    assert all(passage.endswith(sentence.strip()) for passage in passages(sentence * 300))


def test_an_endless_sentence_is_cut_between_clauses() -> None:
    found = passages("first the valve is closed, " * 200)
    assert all(passage.endswith("closed,") for passage in found)


def test_an_endless_word_survives() -> None:
    assert "".join(passages("x" * 10_000)) == "x" * 10_000


def test_a_letter_is_not_parted_from_its_accents() -> None:
    assert not any(passage.startswith("\u0301") for passage in passages("e\u0301" * 2000))


def test_a_crumb_at_the_end_joins_the_passage_before() -> None:
    found = passages((WORDS * 22).strip() + " The end.")
    assert len(found) == 1
    assert found[0].endswith("The end.")


def test_it_is_fast() -> None:
    page = (WORDS * 3 + "\n") * 20
    began = time.perf_counter()
    for _ in range(200):
        split(page)
    assert time.perf_counter() - began < 2  # 200 pages; about 0.1 s on an idle core
