"""A cited passage on its page."""

from experts.views.quoting import Part, quoted

PAGE = "Chapter 2\n\nCoffee is deductible. Tea is not.\n\nThe end."
PASSAGE = "Coffee is deductible. Tea is not."


def test_the_passage_stands_on_its_page() -> None:
    shown = quoted(PASSAGE, [[0, 21]], page=PAGE)
    assert (shown.before, shown.after) == ("Chapter 2\n\n", "\n\nThe end.")
    assert "".join(part.text for part in shown.passage) == PASSAGE


def test_the_sentences_that_the_answer_used_are_marked() -> None:
    shown = quoted(PASSAGE, [[0, 21]], page=PAGE)
    assert list(shown.passage) == [
        Part("Coffee is deductible.", marked=True),
        Part(" Tea is not.", marked=False),
    ]


def test_without_highlights_all_of_it_is_marked() -> None:
    assert list(quoted(PASSAGE, [], page=PAGE).passage) == [Part(PASSAGE, marked=True)]


def test_highlights_may_come_in_any_order() -> None:
    shown = quoted(PASSAGE, [[22, 33], [0, 6]], page=PAGE)
    assert [part.text for part in shown.passage if part.marked] == ["Coffee", "Tea is not."]


def test_a_passage_whose_page_is_gone_stands_alone() -> None:
    shown = quoted(PASSAGE, [[0, 6]], page="")
    assert (shown.before, shown.after) == ("", "")


def test_a_passage_of_two_pages_stands_between_them() -> None:
    page, next_page = "Chapter 2\n\nCoffee is\n12", "Manual\ndeductible. Tea is not."
    shown = quoted("Coffee is\ndeductible.", [], page=page, next_page=next_page)
    assert (shown.before, shown.after) == ("Chapter 2\n\n", " Tea is not.")
