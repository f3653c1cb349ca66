"""Keys that sort by the time they were made, as the queue's do."""

from django.db import models

from queueing.identifiers import uuid7


class UUIDModel(models.Model):
    """A row with a time-ordered UUID key: unguessable, and kind to its index."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
