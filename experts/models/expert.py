"""An expert and its selection of source files."""

from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from experts.models.identifiers import UUIDModel
from experts.models.places import place_of_avatar
from experts.models.source_file import SourceFile
from queueing.models import ProcessingTask

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser

    from experts.models.progress import ExpertProcessingProgress


class ExpertQuerySet(models.QuerySet["Expert"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everyone sees only their own."""
        return self.filter(owner_id=user.pk)


class Expert(UUIDModel):
    """The agent a person builds: a name, a persona, a face, a voice, and the files it knows."""

    class AgentStatus(models.TextChoices):
        PENDING = "pending"
        READY = "ready"
        FAILED = "failed"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="experts"
    )
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True, max_length=1000)
    persona = models.TextField(blank=True, max_length=8000)
    first_message = models.TextField(blank=True, max_length=1000)
    language = models.CharField(max_length=12, default="en")
    voice_id = models.CharField(max_length=64, blank=True)
    avatar = models.ImageField(upload_to=place_of_avatar, blank=True)
    agent_id = models.CharField(max_length=128, blank=True, editable=False)
    tool_id = models.CharField(
        max_length=128,
        blank=True,
        editable=False,
        help_text="At the voice vendor: the tool by which the agent searches our files.",
    )
    secret_id = models.CharField(
        max_length=128,
        blank=True,
        editable=False,
        help_text="At the voice vendor: where it keeps the secret that the tool sends.",
    )
    agent_status = models.CharField(
        max_length=8, choices=AgentStatus, default=AgentStatus.PENDING, editable=False
    )
    files = models.ManyToManyField(
        SourceFile, through="ExpertFile", related_name="experts", blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ExpertQuerySet.as_manager()

    if TYPE_CHECKING:
        progress: "ExpertProcessingProgress"

    class Meta:
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index("owner", models.F("created_at").desc(), name="expert_of_owner")]

    def __str__(self) -> str:
        return self.name

    @property
    def is_ready(self) -> bool:
        """Whether it can be talked to: its first processing is complete."""
        return self.progress.first_completed_at is not None

    def ordered_files(self) -> models.QuerySet[SourceFile]:
        return self.files.order_by("selections__ordinal")

    def findings(self) -> list[dict[str, Any]]:
        """What a person should know of its files, one entry a finding."""
        return [finding for file in self.ordered_files() for finding in file.findings()]

    def voice_parts(self) -> dict[str, str]:
        """The ids of what it has at the voice vendor, for a task to remove."""
        return {
            "expert_id": str(self.pk),
            "agent_id": self.agent_id,
            "tool_id": self.tool_id,
            "secret_id": self.secret_id,
        }

    def voice_trouble(self) -> str:
        """Why its agent could not be made when that was tried last; "" unless it was given up."""
        if self.agent_status != self.AgentStatus.FAILED:
            return ""
        tasks = ProcessingTask.objects.filter(expert_id=self.pk, task_type="sync_voice_agent")
        said = tasks.order_by("-created_at").values_list("error_message", flat=True)
        return next(filter(None, said), "")

    def initials(self) -> str:
        words = self.name.split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class ExpertFile(models.Model):
    """A selected file and its place in the expert's list."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="selections")
    file = models.ForeignKey(SourceFile, on_delete=models.CASCADE, related_name="selections")
    ordinal = models.PositiveIntegerField()

    class Meta:
        ordering = ["ordinal"]
        constraints = [
            models.UniqueConstraint(fields=["expert", "file"], name="file_selected_once")
        ]

    def __str__(self) -> str:
        return f"{self.expert} #{self.ordinal}"
