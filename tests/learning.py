"""Files as processing leaves them: ready, with passages, vectors and postings."""

from django.contrib.auth.models import User

from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.retrieval.indexing import index_passages
from tests.factories import SourceFileFactory


def learnt(*texts: str, owner: User, name: str = "guide.txt") -> SourceFile:
    """A ready file with these texts as its passages, one a page."""
    file = SourceFileFactory(owner=owner, name=name, status="ready")
    add_passages(file, *texts)
    passages = list(file.passages.all())
    vectors = get_embedder().embed_passages(texts)
    get_vector_store().upsert(passages, vectors, model=get_embedder().name)
    index_passages(file.pk)
    return file


def add_passages(file: SourceFile, *texts: str) -> None:
    Passage.objects.bulk_create(
        Passage(
            source_file=file,
            ordinal=ordinal,
            page=ordinal + 1,
            location=f"Page {ordinal + 1}",
            start=0,
            end=len(text),
            text=text,
        )
        for ordinal, text in enumerate(texts)
    )
