"""Moving the files that are ready to today's embedder and vector store."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Sum
from django.db.models.functions import Length

from experts.costs import BYTES_A_TOKEN
from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store


class Move(NamedTuple):
    """A file that is not where it belongs: how many passages to embed, about how many tokens."""

    file: SourceFile
    passages: int
    tokens: int


def moves() -> Iterator[Move]:
    """The ready files that lack vectors of today's embedder in today's store, oldest first."""
    embedder, store = get_embedder(), get_vector_store()
    for file in SourceFile.objects.ready().order_by("pk").iterator():
        missing = [passage.pk for passage in store.missing(file, model=embedder.name)]
        if missing:
            yield Move(file, len(missing), tokens_of(missing))


def tokens_of(passage_ids: list[int]) -> int:
    passages = Passage.objects.filter(pk__in=passage_ids)
    length = passages.aggregate(length=Sum(Length("text"), default=0))["length"]
    return int(length) // BYTES_A_TOKEN
