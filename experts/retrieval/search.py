"""Finding the passages of an expert's files that fit a question: by words and by meaning."""

import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field
from functools import partial
from uuid import UUID

from django.conf import settings
from django.db import connection

from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.base import ProviderError
from experts.retrieval import bm25
from experts.retrieval.fusion import fuse

logger = logging.getLogger(__name__)

CANDIDATES = 100  # of each list
ALL_WORDS = 0.99  # of the weight of a question's words, in one passage
AT_ONCE = 8  # searches by meaning that somebody listens for; more of them do without

_aside = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="search")


@dataclass(frozen=True)
class Hit:
    """A passage, with its file loaded. `score` orders the hits of one search, nothing else."""

    passage: Passage
    score: float
    bm25: float
    cosine: float | None


@dataclass(frozen=True)
class SearchResult:
    """Hits, best first.

    `degraded`: found by words alone, because the embedder or the vectors are out of reach.
    `confident`: whether the files are about what was asked at all.
    `known`: whether they hold any word of it.
    """

    hits: list[Hit] = field(default_factory=list)
    degraded: bool = False
    confident: bool = False
    known: bool = False


def search(
    query: str, *, file_ids: Sequence[UUID], limit: int = 5, patience: float | None = None
) -> SearchResult:
    """Search the ready files among `file_ids`, in four statements however many they are.

    The files are taken from PostgreSQL and so are the passages, so nothing deleted is found,
    whatever the vector store still holds. The search by meaning is waited for, or for `patience`
    seconds while somebody listens.
    """
    models = dict(
        SourceFile.objects.ready().filter(pk__in=file_ids).values_list("pk", "embedding_model")
    )
    allowed = list(models)
    if not allowed:
        return SearchResult()
    by_meaning = partial(nearest, query, file_ids=allowed)
    aside = patience is not None and _aside.submit(copy_context().run, and_close, by_meaning)
    words = bm25.rank(query, file_ids=allowed, limit=CANDIDATES)
    cosines = in_time(aside, patience) if aside else by_meaning()
    fused = fuse(words, cosines)
    passages = Passage.objects.of_files(allowed).select_related("source_file").in_bulk(fused)
    hits = [
        Hit(passages[key], score, words.scores.get(key, 0.0), cosines.get(key))
        for key, score in fused.items()
        if key in passages
    ]
    confident = bool(hits) and is_about(cosines, words, models=set(models.values()))
    return SearchResult(
        hits[:limit], degraded=not cosines, confident=confident, known=bool(words.scores)
    )


def nearest(query: str, *, file_ids: Sequence[UUID]) -> dict[int, float]:
    """Cosines by passage id; none when a provider is down, which is logged."""
    try:
        embedder = get_embedder()
        vector = embedder.embed_query(query)
        found = get_vector_store().search(
            vector, file_ids=file_ids, model=embedder.name, limit=CANDIDATES
        )
    except ProviderError as error:
        logger.warning("Searching by words alone: %s", error)
        return {}
    return dict(found)


def in_time(aside: "Future[dict[int, float]]", patience: float | None) -> dict[int, float]:
    """What is found aside, or nothing where it takes longer, which is logged."""
    try:
        return aside.result(patience)
    except TimeoutError:
        aside.cancel()
        logger.warning("Searching by words alone: the vectors took longer than %s s", patience)
        return {}


def and_close(call: Callable[[], dict[int, float]]) -> dict[int, float]:
    """A thread's connection to the database is its own, and nobody else's to close."""
    try:
        return call()
    finally:
        connection.close()


def is_about(cosines: Mapping[int, float], words: bm25.Ranking, *, models: set[str]) -> bool:
    """Whether anything found is about the question: by meaning, or by holding all its words.

    Files on their way from another of the `models` have no meaning here yet: any word counts.

    No score tells a question that the files nearly answer from one that they do; questions about
    something else stand out, and a name typed alone is found by its letters.
    """
    if words.scores and (not cosines or models != {get_embedder().name}):
        return True
    set_by_operator = settings.ENVIRONMENT.off_topic_below
    least = get_embedder().off_topic_below if set_by_operator is None else set_by_operator
    return max(cosines.values(), default=-1.0) >= least or words.held >= ALL_WORDS
