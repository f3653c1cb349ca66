"""What all processes know together of the vendors: how busy they are, and what was used."""

from typing import Any, Self, cast
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Count, Sum
from django.db.models.functions import Now


class VendorBucket(models.Model):
    """The token bucket of a vendor's service, one row for all workers and web processes.

    `vendor` names both: "OpenAI: embeddings".

    It is kept as times of the database's clock: a call books so many seconds of the vendor's
    limit, and whoever comes next is let in when what is booked has gone by, less the bucket's
    size. experts/providers/bucket.py has the two statements.
    """

    vendor = models.CharField(max_length=200, primary_key=True)
    turn_at = models.DateTimeField(db_default=Now(), help_text="When the last who asked may call.")
    booked_until = models.DateTimeField(db_default=Now())
    closed_until = models.DateTimeField(
        db_default=Now(), help_text="The vendor asked everyone to wait until then."
    )

    class Meta:
        verbose_name = "rate limit"

    def __str__(self) -> str:
        return self.vendor


class VendorUsageQuerySet(models.QuerySet["VendorUsage"]):
    def of_expert(self, expert_id: UUID) -> Self:
        return self.filter(expert_id=expert_id)

    def summed(self) -> list[dict[str, Any]]:
        """What was used of each vendor, kind and model: `total_calls`, `total_in`, …"""
        groups = self.order_by("vendor", "kind", "model").values("vendor", "kind", "model")
        summed = groups.annotate(
            total_calls=Sum("calls"),
            total_in=Sum("tokens_in"),
            total_out=Sum("tokens_out"),
            total_seconds=Sum("seconds"),
            estimates=Count("pk", filter=models.Q(estimated=True)),
        )
        return cast("list[dict[str, Any]]", list(summed))


class VendorUsage(models.Model):
    """An entry of the ledger: what a call, or a few that belong together, took at a vendor.

    Entries are only ever added. They outlive the expert and the file that they were for, whose
    ids hence are no foreign keys: what was paid stays paid.
    """

    class Kind(models.TextChoices):
        EMBEDDING = "embedding"
        SEARCH = "search"
        CHAT = "chat"
        TALK = "talk"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.SET_NULL,
        db_constraint=False,
        related_name="+",
    )
    expert_id = models.UUIDField(null=True, db_index=True)
    file_id = models.UUIDField(null=True)
    vendor = models.CharField(max_length=200)
    kind = models.CharField(max_length=10, choices=Kind)
    model = models.CharField(max_length=100)
    calls = models.PositiveIntegerField(default=1)
    tokens_in = models.PositiveBigIntegerField(default=0)
    tokens_out = models.PositiveBigIntegerField(default=0)
    seconds = models.PositiveIntegerField(default=0, help_text="How long a talk was.")
    estimated = models.BooleanField(
        default=False, help_text="The vendor did not say; counted from the text."
    )
    at = models.DateTimeField(db_default=Now(), db_index=True)

    objects = VendorUsageQuerySet.as_manager()

    class Meta:
        verbose_name = "usage"
        verbose_name_plural = "usage"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["embedding", "search", "chat", "talk"]),
                name="usage_kind_known",
            )
        ]

    def __str__(self) -> str:
        used = f"{self.tokens_in + self.tokens_out} tokens"
        return f"{self.model or self.vendor}, {f'{self.seconds} s' if self.seconds else used}"
