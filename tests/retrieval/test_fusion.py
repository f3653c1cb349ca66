"""One order out of two, against numbers worked by hand."""

import pytest

from experts.retrieval.bm25 import Ranking
from experts.retrieval.fusion import fuse, spread, trust_in_words


def test_the_weight_is_what_the_best_passage_attains() -> None:
    words = Ranking({1: 4.0, 2: 2.0, 3: 0.0}, attainable=10)
    fused = fuse(words, {1: 0.2, 2: 0.6, 4: 0.4})
    # words weigh 0.4: spread to 1, 0.5, 0; cosines weigh 0.6: spread to 0, 1, 0.5
    assert fused == pytest.approx({1: 0.4, 2: 0.8, 3: 0.0, 4: 0.3})
    assert list(fused) == [2, 1, 4, 3]


def test_words_never_decide_alone_when_there_are_vectors() -> None:
    assert trust_in_words(Ranking({1: 20.0}, attainable=10)) == 0.9


def test_without_words_meaning_decides() -> None:
    assert list(fuse(Ranking(), {1: 0.1, 2: 0.3, 3: 0.2})) == [2, 3, 1]


def test_without_vectors_words_decide() -> None:
    assert list(fuse(Ranking({1: 1.0, 2: 3.0, 3: 2.0}, attainable=9), {})) == [2, 3, 1]


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse(Ranking(), {}) == {}


def test_equal_scores_are_all_best() -> None:
    assert spread({1: 0.5, 2: 0.5}) == {1: 1.0, 2: 1.0}


def test_the_scale_of_the_cosines_does_not_matter() -> None:
    words = Ranking({1: 1.0, 2: 3.0}, attainable=9)
    assert fuse(words, {1: 0.9, 3: 0.8}) == pytest.approx(fuse(words, {1: 0.45, 3: 0.4}))
