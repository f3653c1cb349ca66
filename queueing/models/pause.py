"""The switch that keeps all workers from claiming."""

from django.db import models
from django.db.models.functions import Now

from queueing.notifications import wake_workers


class Pause(models.Model):
    """The queue is paused while this table has its row: every claim looks, so none slips by."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    since = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "processing_pause"
        constraints = [
            models.CheckConstraint(condition=models.Q(id=1), name="pause_is_one_row"),
        ]

    def __str__(self) -> str:
        return f"Paused since {self.since}"

    @classmethod
    def begin(cls) -> bool:
        """Pause the queue; False if it was paused before."""
        _, began = cls.objects.get_or_create(pk=1)
        return began

    @classmethod
    def end(cls) -> bool:
        """Let workers claim again, idle ones at once; False if the queue was not paused."""
        deleted, _ = cls.objects.all().delete()
        wake_workers()
        return deleted > 0
