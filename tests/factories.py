"""Rows for tests, complete enough that the product would have made them."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import factory
from django.contrib.auth import get_user_model
from django.core.files.base import ContentFile
from factory.django import DjangoModelFactory

from experts.models import Expert, ExpertFile, ExpertProcessingProgress, SourceFile


class UserFactory(DjangoModelFactory):
    """A person whose password is "a good password"."""

    class Meta:
        model = get_user_model()
        django_get_or_create = ("username",)
        skip_postgeneration_save = True

    username = factory.Sequence(lambda number: f"person{number}")
    password = factory.django.Password("a good password")


class SourceFileFactory(DjangoModelFactory):
    """A text file in a library, stored for real: SourceFileFactory(content=b"…", owner=alice)."""

    class Meta:
        model = SourceFile

    class Params:
        content = factory.Sequence(lambda number: f"Text number {number}.".encode())

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"notes-{number}.txt")
    file = factory.LazyAttribute(lambda made: ContentFile(made.content, name=made.name))
    size = factory.LazyAttribute(lambda made: len(made.content))
    sha256 = factory.LazyAttribute(lambda made: hashlib.sha256(made.content).hexdigest())
    media_type = "text/plain"


class ExpertFactory(DjangoModelFactory):
    """An expert with its progress row, queued: ExpertFactory(owner=alice, files=[…], ready=True).

    `ready` means that its first processing is complete.
    """

    class Meta:
        model = Expert
        skip_postgeneration_save = True

    owner = factory.SubFactory(UserFactory)
    name = factory.Sequence(lambda number: f"Expert {number}")

    @factory.post_generation
    def ready(self: Any, create: bool, extracted: bool | None, **kwargs: Any) -> None:
        ProgressFactory(expert=self, completed=bool(extracted))

    @factory.post_generation
    def files(self: Any, create: bool, extracted: list[SourceFile] | None, **kwargs: Any) -> None:
        ExpertFile.objects.bulk_create(
            ExpertFile(expert=self, file=file, ordinal=ordinal)
            for ordinal, file in enumerate(extracted or [])
        )


class ProgressFactory(DjangoModelFactory):
    """An expert's progress: waiting, or with `completed=True` at its end."""

    class Meta:
        model = ExpertProcessingProgress

    class Params:
        completed = factory.Trait(
            stage="completed",
            status="completed",
            progress_percentage=100,
            first_completed_at=datetime(2026, 1, 1, tzinfo=UTC),
        )

    details = factory.LazyFunction(lambda: {"message": "Waiting in queue for processing"})
