"""An uploaded document, its pages as they were read, and who is reading it."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce, Now

from experts.models.identifiers import UUIDModel
from experts.models.places import place_of_file
from queueing.models import ProcessingTask

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class SourceFileQuerySet(models.QuerySet["SourceFile"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everyone sees only their own."""
        return self.filter(owner_id=user.pk)

    def with_passage_count(self) -> Self:
        """Annotate `passage_count`; the count runs for the rows of a page, not for all before."""
        from experts.models.passage import Passage  # which imports this module

        passages = Passage.objects.filter(source_file=models.OuterRef("pk")).order_by()
        count = passages.values("source_file").annotate(count=models.Count("pk")).values("count")
        return self.annotate(passage_count=Coalesce(models.Subquery(count), 0))

    def ready(self) -> Self:
        return self.filter(status=SourceFile.Status.READY)

    def unfinished(self) -> Self:
        """Files that still have work before them: neither ready nor found wanting."""
        return self.exclude(status__in=SourceFile.FINAL)

    def start_over(self) -> int:
        """Make files that could not be read unread again; returns how many."""
        files = self.filter(status__in=[SourceFile.Status.FAILED, SourceFile.Status.NO_TEXT])
        SourcePage.objects.filter(source_file__in=files).delete()
        return files.update(
            status=SourceFile.Status.PENDING,
            pages=None,
            pages_read=0,
            error_code="",
            error_message="",
            warnings=[],
            reader_id=None,
            reader_attempt=None,
        )

    def without_reader(self) -> Self:
        """Files that nobody reads now: a task that ended or lost its attempt does not count."""
        reading = ProcessingTask.objects.processing().filter(
            pk=models.OuterRef("reader_id"), attempt=models.OuterRef("reader_attempt")
        )
        return self.exclude(models.Exists(reading))

    def read_by(self, task: ProcessingTask) -> Self:
        """The fence: the files that this very attempt of the task is reading."""
        return self.filter(reader_id=task.pk, reader_attempt=task.attempt)


class SourceFile(UUIDModel):
    """A document in a person's library, read, split and embedded once for all experts."""

    class Status(models.TextChoices):
        PENDING = "pending"
        EXTRACTING = "extracting"
        EMBEDDING = "embedding"
        READY = "ready"
        NO_TEXT = "no_text"
        FAILED = "failed"

    FINAL = (Status.READY, Status.NO_TEXT, Status.FAILED)

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="source_files"
    )
    file = models.FileField(upload_to=place_of_file, max_length=255)
    name = models.CharField(max_length=255)
    size = models.BigIntegerField(help_text="Bytes.")
    media_type = models.CharField(max_length=100)
    sha256 = models.CharField(max_length=64)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    pages = models.PositiveIntegerField(null=True, help_text="Unknown until the file is opened.")
    pages_read = models.PositiveIntegerField(default=0)
    error_code = models.CharField(max_length=32, blank=True)
    error_message = models.TextField(blank=True)
    warnings = models.JSONField(default=list, help_text="A list of {code, message, pages}.")
    embedding_model = models.CharField(max_length=100, blank=True)
    reader_id = models.UUIDField(null=True, editable=False, help_text="The task that reads it.")
    reader_attempt = models.PositiveIntegerField(null=True, editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = SourceFileQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index("owner", models.F("created_at").desc(), name="file_of_owner")]
        constraints = [
            models.UniqueConstraint(fields=["owner", "sha256"], name="same_bytes_same_file"),
            models.CheckConstraint(
                condition=models.Q(
                    status__in=["pending", "extracting", "embedding", "ready", "no_text", "failed"]
                ),
                name="file_status_known",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_final(self) -> bool:
        return self.status in self.FINAL

    def findings(self) -> list[dict[str, Any]]:
        """What a person should know of it: why it failed, or its warnings, under its name."""
        about = {"file_id": str(self.pk), "file_name": self.name}
        if self.error_code:
            return [about | {"code": self.error_code, "message": self.error_message, "pages": []}]
        return [about | warning for warning in self.warnings]


class SourcePage(models.Model):
    """One page of a file as it was read: what people see under "text", what passages point into.

    `scanned` also tells, beside text, that a picture which looks like text was not read.
    """

    class Condition(models.TextChoices):
        TEXT = "text"
        BLANK = "blank"
        NO_TEXT = "no_text"
        GARBLED = "garbled"

    source_file = models.ForeignKey(
        SourceFile, on_delete=models.CASCADE, related_name="source_pages"
    )
    number = models.PositiveIntegerField(help_text="From 1; unpaged formats count sections.")
    location = models.CharField(max_length=200, help_text='For a person: "Page 3".')
    condition = models.CharField(max_length=8, choices=Condition, default=Condition.TEXT)
    scanned = models.BooleanField(default=False, help_text="Without text, but with a picture.")
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["source_file", "number"], name="page_read_once")
        ]

    def __str__(self) -> str:
        return f"{self.source_file} {self.location}"
