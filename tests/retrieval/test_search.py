"""Searching an expert's files: what may be found, by what means, and what is not there."""

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from experts.models import SourceFile
from experts.operations import delete_file
from experts.providers import get_vector_store
from experts.providers.base import ProviderError
from experts.retrieval.search import search
from tests.fakes import FakeEmbedder
from tests.learning import learnt


@pytest.fixture
def file(alice: User, embedder: FakeEmbedder) -> SourceFile:
    return learnt("Coffee is deductible.", "Trains leave at noon.", "Tea is not.", owner=alice)


def texts(query: str, *files: SourceFile) -> list[str]:
    found = search(query, file_ids=[file.pk for file in files])
    return [hit.passage.text for hit in found.hits]


def test_the_best_passage_comes_first(file: SourceFile) -> None:
    assert texts("When do trains leave?", file)[0] == "Trains leave at noon."


def test_a_hit_says_what_found_it(file: SourceFile) -> None:
    hit = search("trains leave at noon", file_ids=[file.pk]).hits[0]
    assert (hit.passage.source_file, hit.passage.page) == (file, 2)
    assert hit.bm25 > 0
    assert hit.cosine == pytest.approx(1)


def test_other_files_never_leak(file: SourceFile, alice: User, bob: User) -> None:
    own, strange = (learnt("Coffee is secret.", owner=owner) for owner in (alice, bob))
    assert "Coffee is secret." not in texts("secret coffee", file)
    assert texts("secret coffee", strange) == ["Coffee is secret."]
    assert len(texts("secret coffee", file, own)) == 4


def test_a_deleted_file_is_never_found(file: SourceFile, alice: User) -> None:
    gone = learnt("Coffee beans.", owner=alice)
    delete_file(gone)
    assert "Coffee beans." not in texts("coffee beans", file, gone)


def test_a_vector_store_that_remembers_too_much_does_not_matter(
    file: SourceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = get_vector_store()
    known = [(passage.pk, 0.5) for passage in file.passages.all()]
    monkeypatch.setattr(store, "search", lambda *args, **options: [(10**12, 0.9), *known])
    assert len(texts("coffee", file)) == 3


@pytest.mark.parametrize("status", ["pending", "extracting", "embedding", "failed", "no_text"])
def test_only_ready_files_are_searched(file: SourceFile, status: str) -> None:
    SourceFile.objects.filter(pk=file.pk).update(status=status)
    found = search("coffee", file_ids=[file.pk])
    assert (found.hits, found.confident) == ([], False)


def test_no_more_than_the_limit(file: SourceFile) -> None:
    assert len(search("coffee", file_ids=[file.pk], limit=2).hits) == 2


def test_it_goes_on_by_words_when_the_embedder_is_down(
    file: SourceFile, embedder: FakeEmbedder
) -> None:
    embedder.refuse("Out of order.")
    found = search("the coffee", file_ids=[file.pk])
    assert [hit.passage.text for hit in found.hits] == ["Coffee is deductible."]
    assert (found.degraded, found.confident) == (True, True)


def test_it_goes_on_by_words_when_the_vectors_are_down(
    file: SourceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise ProviderError("Out of order.")

    monkeypatch.setattr(get_vector_store(), "search", refuse)
    assert search("coffee", file_ids=[file.pk]).degraded


def test_vectors_of_another_model_are_not_compared(
    file: SourceFile, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "name", "a newer model")
    found = search("coffee", file_ids=[file.pk])
    assert (len(found.hits), found.degraded) == (1, True)


def test_without_the_embedder_unknown_words_are_not_in_the_files(
    file: SourceFile, embedder: FakeEmbedder
) -> None:
    embedder.refuse("Out of order.")
    assert not search("submarines", file_ids=[file.pk]).confident


def test_another_topic_is_not_in_the_files(file: SourceFile) -> None:
    found = search("Submarines dive deep", file_ids=[file.pk])
    assert (found.degraded, found.confident) == (False, False)


def test_a_word_typed_alone_is_found_by_its_letters(
    file: SourceFile, embedder: FakeEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedder, "off_topic_below", 0.99)
    assert search("noon", file_ids=[file.pk]).confident


def test_the_number_of_statements_does_not_grow(file: SourceFile, alice: User) -> None:
    files = [file.pk, *(learnt(f"Coffee {name}", owner=alice).pk for name in "abc")]
    for some in (files[:1], files):
        with CaptureQueriesContext(connection) as queries:
            search("coffee", file_ids=some)
        assert len(queries) == 4
