"""Passages and what finds them: vectors and, in `postings`, words."""

from collections.abc import Iterable
from typing import Self
from uuid import UUID

from django.db import models
from pgvector.django import VectorField

from experts.models.source_file import SourceFile


class PassageQuerySet(models.QuerySet["Passage"]):
    def of_files(self, file_ids: Iterable[UUID]) -> Self:
        return self.filter(source_file_id__in=list(file_ids))


class Passage(models.Model):
    """A stretch of a page's text, embedded and cited: `page.text[start:end] == text`.

    Where a sentence runs over the page break, the text goes on after a line break with
    `next_page.text[next_start:next_end]`, and the passage has two pages.
    """

    source_file = models.ForeignKey(SourceFile, on_delete=models.CASCADE, related_name="passages")
    ordinal = models.PositiveIntegerField(help_text="From 0, through the whole file.")
    page = models.PositiveIntegerField()
    location = models.CharField(max_length=200)
    start = models.PositiveIntegerField(help_text="Characters into the page's text.")
    end = models.PositiveIntegerField()
    next_start = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Where it goes on in the next page's text, if it does.",
    )
    next_end = models.PositiveIntegerField(null=True, blank=True)
    text = models.TextField()

    objects = PassageQuerySet.as_manager()

    class Meta:
        ordering = ["source_file", "ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["source_file", "ordinal"], name="passage_stored_once"),
            models.CheckConstraint(
                condition=models.Q(next_start=None, next_end=None)
                | models.Q(
                    next_start__isnull=False,
                    next_end__isnull=False,
                    next_end__gt=models.F("next_start"),
                ),
                name="passage_goes_on_somewhere",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source_file_id}#{self.ordinal}"

    @property
    def last_page(self) -> int:
        """The page that it ends on."""
        return self.page if self.next_end is None else self.page + 1

    @property
    def vector_id(self) -> str:
        """Its key in a vector store outside PostgreSQL."""
        return f"{self.source_file_id}#{self.ordinal}"


class PassageVector(models.Model):
    """A passage's embedding in PostgreSQL, where pgvector is the vector store.

    The column has no fixed length: models of 384 and of 1,536 dimensions live side by side
    and are never compared, because every search names its model.
    """

    passage = models.OneToOneField(
        Passage, on_delete=models.CASCADE, primary_key=True, related_name="vector"
    )
    source_file = models.ForeignKey(SourceFile, on_delete=models.CASCADE, related_name="+")
    embedding_model = models.CharField(max_length=100)
    embedding = VectorField()

    def __str__(self) -> str:
        return f"{self.passage_id} by {self.embedding_model}"
