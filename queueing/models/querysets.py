"""Sets of tasks, and where each stands in the line."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Now

from queueing.places import Place, look_up

if TYPE_CHECKING:
    from queueing.models.task import ProcessingTask


class ProcessingTaskQuerySet(models.QuerySet["ProcessingTask"]):
    def queued(self) -> Self:
        return self.filter(status=self.model.Status.QUEUED)

    def ready(self) -> Self:
        """In the line: neither delayed nor waiting for a twin."""
        return self.queued().filter(available_at=None)

    def processing(self) -> Self:
        return self.filter(status=self.model.Status.PROCESSING)

    def unfinished(self) -> Self:
        return self.exclude(status__in=self.model.FINISHED)

    def finished(self) -> Self:
        return self.filter(status__in=self.model.FINISHED)

    def overdue(self) -> Self:
        """Processing under a lease that nobody renewed in time."""
        return self.processing().filter(lease_expires_at__lt=Now())

    def in_claim_order(self) -> Self:
        """The one definition of who is next; positions and claims both stand on it."""
        return self.order_by("-priority", "turn", "queued_at", "pk")

    def subject_of(self, task: "ProcessingTask") -> Self:
        """The exclusive tasks about what `task` is about, itself among them."""
        return self.filter(exclusive=True, task_type=task.task_type, expert_id=task.expert_id)

    def places(self, ids: Collection[UUID]) -> dict[UUID, Place]:
        """Where each of these tasks stands. A task that is not in the line is left out."""
        return look_up(ids, weighed=True)

    def positions(self, ids: Collection[UUID]) -> dict[UUID, int]:
        """`places` without the weights."""
        return {pk: place.position for pk, place in look_up(ids).items()}
