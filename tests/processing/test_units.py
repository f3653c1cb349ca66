"""Which passages are embedded at once: as many as may be, those alike in length together."""

import pytest
from django.contrib.auth.models import User

from experts.ingestion import embedding
from experts.ingestion.embedding import Unembedded
from experts.models import Passage, SourceFile
from experts.providers import get_embedder
from tests.fakes import FakeEmbedder
from tests.vendors.learnt import read_file

pytestmark = pytest.mark.django_db

SIZE = FakeEmbedder.batch_size // 2


@pytest.fixture
def file(alice: User, embedder: FakeEmbedder) -> SourceFile:
    return read_file(alice, *(f"Bed {n} has{' red' * (n % 7)} roses." for n in range(5 * SIZE + 1)))


def rest_of(left: Unembedded) -> list[list[Passage]]:
    return list(iter(left.next_unit, []))


def test_a_unit_is_half_a_batch_and_nothing_comes_twice(
    file: SourceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding, "WINDOW", 2 * SIZE)
    units = rest_of(Unembedded(file, get_embedder()))
    assert {len(unit) for unit in units[:-1]} == {SIZE}
    ordinals = [passage.ordinal for unit in units for passage in unit]
    assert sorted(ordinals) == list(range(5 * SIZE + 1))


def test_those_alike_in_length_come_together(file: SourceFile) -> None:
    units = rest_of(Unembedded(file, get_embedder()))
    lengths = [len(passage.text) for unit in units for passage in unit]
    assert lengths == sorted(lengths)


def test_a_unit_waits_until_it_is_full_while_more_may_come(file: SourceFile) -> None:
    left = Unembedded(file, get_embedder())
    assert left.next_unit(known=SIZE - 1) == []
    known = 5 * SIZE + 1
    units = list(iter(lambda: left.next_unit(known=known), []))
    assert {len(unit) for unit in units} == {SIZE}
    held = rest_of(left)
    assert sum(map(len, units + held)) == known
