"""Words: the same order as BM25 written out in Python, whatever the passages."""

from collections import Counter
from itertools import count
from math import log

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from experts.models import Posting, PostingSegment, SourceFile
from experts.retrieval import bm25
from experts.retrieval.indexing import index_passages
from tests.factories import SourceFileFactory, UserFactory
from tests.learning import add_passages

WORDS = ["zork", "blip", "quux", "flum", "grox"]  # each is its own lexeme

texts = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
numbers = count()


def indexed(*passages: str, owner: User | None = None) -> SourceFile:
    owner = owner or UserFactory()
    file = SourceFileFactory(owner=owner, content=str(next(numbers)).encode(), status="ready")
    add_passages(file, *passages)
    index_passages(file.pk)
    return file


def reference(query: str, passages: list[str]) -> list[float]:
    """BM25 as its paper has it, a score for each passage."""
    bags = [Counter(passage.split()) for passage in passages]
    average = max(sum(bag.total() for bag in bags), 1) / len(bags)

    def score(bag: Counter[str], word: str) -> float:
        held = sum(word in other for other in bags)
        idf = log(1 + (len(bags) - held + 0.5) / (held + 0.5))
        return idf * bag[word] * 2.2 / (bag[word] + 1.2 * (0.25 + 0.75 * bag.total() / average))

    return [sum(score(bag, word) for word in set(query.split()) if bag[word]) for bag in bags]


@pytest.mark.django_db
@settings(deadline=None, max_examples=40)
@given(query=texts, passages=st.lists(texts, min_size=1, max_size=8), cut=st.integers(0, 8))
def test_it_scores_as_the_formula_does(query: str, passages: list[str], cut: int) -> None:
    files = [indexed(*part) for part in (passages[:cut], passages[cut:]) if part]
    found = bm25.rank(query, file_ids=[file.pk for file in files], limit=100).scores
    stored = [passage for file in files for passage in file.passages.all()]
    expected = {
        passage.pk: pytest.approx(score)
        for passage, score in zip(stored, reference(query, passages), strict=True)
        if score
    }
    assert found == expected


@pytest.mark.django_db
def test_words_match_in_their_inflections() -> None:
    file = indexed("The deducted coffees.", "Trains to the coast.")
    assert len(bm25.rank("Deducting a coffee?", file_ids=[file.pk], limit=9).scores) == 1


@pytest.mark.django_db
def test_attainable_counts_words_that_no_passage_holds() -> None:
    file = indexed("zork", "blip")
    known = bm25.rank("zork", file_ids=[file.pk], limit=9).attainable
    assert known == pytest.approx(log(2))
    both = bm25.rank("zork unknown", file_ids=[file.pk], limit=9).attainable
    assert both == pytest.approx(log(2) + log(6))


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "the of and", "?!", "nowhere"])
def test_a_question_without_known_words_finds_nothing(query: str) -> None:
    file = indexed("zork", "blip")
    assert bm25.rank(query, file_ids=[file.pk], limit=9) == bm25.Ranking()


@pytest.mark.django_db
def test_common_words_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    file = indexed("zork blip", "zork", "quux", "quux", "quux", "quux")
    both = bm25.rank("zork blip", file_ids=[file.pk], limit=9).scores
    monkeypatch.setattr(bm25, "COMMON_AT_LEAST", 1)
    rare = bm25.rank("zork blip", file_ids=[file.pk], limit=9).scores
    assert (len(both), len(rare)) == (2, 1)


@pytest.mark.django_db
def test_it_takes_one_statement_whatever_the_files() -> None:
    files = [indexed("zork", "blip").pk for _ in range(3)]
    for some in (files[:1], files):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            bm25.rank("zork", file_ids=some, limit=9)
        assert len(queries) == 1


@pytest.mark.django_db
def test_indexing_twice_changes_nothing() -> None:
    file = indexed("zork blip", "zork")
    index_passages(file.pk)
    [segment] = PostingSegment.objects.filter(source_file=file)
    assert (segment.passages, segment.length) == (2, 3)
    assert Posting.objects.filter(segment=segment).count() == 2


@pytest.mark.django_db
def test_indexing_goes_on_where_it_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PostingSegment, "SIZE", 2)
    file = SourceFileFactory()
    add_passages(file, *["zork"] * 5)

    def stop_after_one() -> None:
        if PostingSegment.objects.filter(source_file=file).exists():
            raise InterruptedError

    with pytest.raises(InterruptedError):
        index_passages(file.pk, checkpoint=stop_after_one)
    index_passages(file.pk)
    sizes = file.posting_segments.order_by("first_passage__ordinal")
    assert list(sizes.values_list("passages", flat=True)) == [2, 2, 1]
    assert len(bm25.rank("zork", file_ids=[file.pk], limit=9).scores) == 5


@pytest.mark.django_db
def test_passages_made_anew_are_indexed_anew() -> None:
    file = indexed("zork", "blip")
    file.passages.all().delete()
    add_passages(file, "quux")
    index_passages(file.pk)
    assert not bm25.rank("zork", file_ids=[file.pk], limit=9).scores
    assert list(bm25.rank("quux", file_ids=[file.pk], limit=9).scores) == [file.passages.get().pk]


@pytest.mark.django_db
def test_a_passage_without_words_still_counts() -> None:
    file = indexed("...", "zork")
    [score] = bm25.rank("zork", file_ids=[file.pk], limit=9).scores.values()
    assert score == pytest.approx(reference("zork", ["", "zork"])[1])
