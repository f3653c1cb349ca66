"""Experts that have learnt from vendors, without the second that reading a file takes."""

from django.contrib.auth.models import User

from experts.models import Expert, Passage, SourceFile
from experts.operations import create_expert
from queueing.testing import drain
from tests.factories import SourceFileFactory


def read_file(owner: User, *texts: str) -> SourceFile:
    """A file that was read into these passages and waits to be embedded."""
    file = SourceFileFactory(owner=owner, status="embedding", pages=1, pages_read=1)
    Passage.objects.bulk_create(
        Passage(
            source_file=file,
            ordinal=ordinal,
            page=1,
            location="Page 1",
            start=0,
            end=len(text),
            text=text,
        )
        for ordinal, text in enumerate(texts)
    )
    return file


def expert_over(file: SourceFile, *, name: str = "Gardener") -> Expert:
    """An expert over it, as far as the queue brings it now."""
    expert = create_expert(owner=file.owner, name=name, files=[file]).expert
    drain()
    return Expert.objects.get(pk=expert.pk)
