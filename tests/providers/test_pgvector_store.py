"""Vectors in PostgreSQL: each passage once, searched exactly, within the allowed files."""

import pytest
from django.contrib.auth.models import User

from experts.models import Passage, PassageVector, SourceFile
from experts.providers.pgvector_store import PgvectorStore
from tests.factories import SourceFileFactory
from tests.learning import add_passages

NORTH, EAST, NORTHEAST = (0.0, 1.0), (1.0, 0.0), (0.6, 0.8)

store = PgvectorStore()


@pytest.fixture
def file(alice: User) -> SourceFile:
    return with_passages(alice, "a", "b", "c")


def with_passages(owner: User, *texts: str) -> SourceFile:
    file = SourceFileFactory(owner=owner, status="ready")
    add_passages(file, *texts)
    return file


def keep(file: SourceFile, *vectors: tuple[float, ...], model: str = "compass") -> list[Passage]:
    passages = list(file.passages.all())[: len(vectors)]
    store.upsert(passages, vectors, model=model)
    return passages


def nearest(*files: SourceFile, limit: int = 9) -> list[tuple[int, float]]:
    ids = [file.pk for file in files]
    return store.search(NORTH, file_ids=ids, model="compass", limit=limit)


def test_the_nearest_come_first_with_their_cosine(file: SourceFile) -> None:
    east, north, northeast = keep(file, EAST, NORTH, NORTHEAST)
    found = nearest(file)
    assert [passage for passage, _ in found] == [north.pk, northeast.pk, east.pk]
    assert [cosine for _, cosine in found] == pytest.approx([1, 0.8, 0])
    assert nearest(file, limit=1) == found[:1]


def test_only_allowed_files_are_searched(file: SourceFile, alice: User) -> None:
    other = with_passages(alice, "d")
    keep(file, EAST)
    [theirs] = keep(other, NORTH)
    assert [passage for passage, _ in nearest(other)] == [theirs.pk]
    assert nearest() == []


def test_models_of_different_dimensions_never_meet(file: SourceFile, alice: User) -> None:
    other = with_passages(alice, "d")
    keep(file, NORTH)
    keep(other, (0.1, 0.2, 0.3), model="sphere")
    assert len(nearest(file, other)) == 1


def test_storing_again_replaces(file: SourceFile) -> None:
    keep(file, EAST)
    keep(file, NORTH)
    assert PassageVector.objects.count() == 1
    assert nearest(file)[0][1] == pytest.approx(1)


def test_missing_are_the_passages_without_a_vector_of_this_model(file: SourceFile) -> None:
    keep(file, NORTH)
    keep(file, EAST, model="sphere")
    assert [passage.ordinal for passage in store.missing(file, model="compass")] == [0, 1, 2]
    keep(file, NORTH)
    assert [passage.ordinal for passage in store.missing(file, model="compass")] == [1, 2]


def test_a_passage_deleted_meanwhile_is_left_out(file: SourceFile) -> None:
    passages = list(file.passages.all())
    Passage.objects.filter(pk=passages[1].pk).delete()
    store.upsert(passages, [NORTH, EAST, NORTH], model="compass")
    assert [passage for passage, _ in nearest(file)] == [passages[0].pk, passages[2].pk]


def test_forgetting_twice_is_no_error(file: SourceFile) -> None:
    keep(file, NORTH)
    for _ in range(2):
        store.delete(owner_id=file.owner_id, file_id=file.pk, passages=3)
    assert nearest(file) == []
