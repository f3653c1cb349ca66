"""Conversations with an expert, kept with the passages each answer cited."""

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from experts.models.expert import Expert
from experts.models.identifiers import UUIDModel

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser, AnonymousUser


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def visible_to(self, user: "AbstractBaseUser | AnonymousUser") -> Self:
        """Everyone sees only their own."""
        return self.filter(user_id=user.pk)


class Conversation(UUIDModel):
    """One talk of one person with one expert; its title is its first question at first."""

    expert = models.ForeignKey(Expert, on_delete=models.CASCADE, related_name="conversations")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="conversations"
    )
    title = models.CharField(max_length=120)
    call_id = models.CharField(
        max_length=128,
        blank=True,
        editable=False,
        help_text="The voice vendor's name for it, when it was spoken.",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    objects = ConversationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [  # the vendor may tell of a talk twice
            models.UniqueConstraint(
                fields=["expert", "call_id"], condition=~Q(call_id=""), name="call_told_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    def latest(self, count: int) -> list["Message"]:
        """The last messages, oldest first."""
        return list(self.messages.order_by("-created_at", "-pk")[:count])[::-1]


class Message(UUIDModel):
    """What one side said. Citations keep the quoted text: the answer stays readable for ever."""

    class Role(models.TextChoices):
        PERSON = "person"
        EXPERT = "expert"

    conversation = models.ForeignKey(
        Conversation, on_delete=models.CASCADE, related_name="messages"
    )
    role = models.CharField(max_length=6, choices=Role)
    text = models.TextField()
    grounded = models.BooleanField(default=False, help_text="Whether the files hold the answer.")
    citations = models.JSONField(
        default=list, help_text="A list of {number, passage_id, file_id, file_name, page, text}."
    )
    notice = models.TextField(blank=True, help_text="What went amiss while it was answered.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["created_at", "pk"]

    def __str__(self) -> str:
        return f"{self.role}: {self.text[:60]}"
