"""Moving the files that are ready to today's embedder and vector store."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import Count, Sum
from django.db.models.functions import Length

from experts.costs import BYTES_A_TOKEN
from experts.models import SourceFile
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
        missing = store.missing(file, model=embedder.name)
        lengths = missing.aggregate(count=Count("pk"), length=Sum(Length("text"), default=0))
        if lengths["count"]:
            yield Move(file, lengths["count"], lengths["length"] // BYTES_A_TOKEN)
