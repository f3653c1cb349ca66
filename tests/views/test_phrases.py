"""Numbers as a person reads them."""

import pytest

from experts.views.phrases import counted, estimate, page_ranges, span, warning_in_words


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, ""),
        ([0, 12], "less than a minute"),
        ([30, 70], "about 1 min"),
        ([230, 250], "about 4 min"),
        ([240, 360], "about 4–6 min"),
        ([3600, 9000], "about 1–2 h"),
    ],
)
def test_an_estimate_is_a_range_in_round_numbers(seconds: list[int] | None, said: str) -> None:
    assert estimate(seconds) == said


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ([], ""),
        ([3], "page 3"),
        ([4, 3], "pages 3–4"),
        ([3, 4, 5, 9, 12, 13], "pages 3–5, 9, 12–13"),
    ],
)
def test_pages_in_a_row_become_a_range(pages: list[int], said: str) -> None:
    assert page_ranges(pages) == said


@pytest.mark.parametrize("named", ["Pages 3–4 have", "Slides 3–4 have"])
def test_a_warning_that_names_its_pages_does_not_say_them_twice(named: str) -> None:
    warning = {"message": f"{named} no text.", "pages": [3, 4]}
    assert warning_in_words(warning) == f"{named} no text."


def test_counts_know_one_from_many() -> None:
    assert (counted(1, "file"), counted(1200, "file")) == ("1 file", "1,200 files")


def test_a_span_is_told_in_its_largest_unit() -> None:
    assert [span(38), span(250), span(7300)] == ["38 s", "4 min", "2 h"]
