"""What a handler may ask of the task that it was given."""

from functools import cached_property

from django.db import InterfaceError, OperationalError

from queueing.configuration import configuration
from queueing.database import alias, primary
from queueing.exceptions import TaskCancelled, TaskLost
from queueing.handlers import handlers
from queueing.hold import Hold
from queueing.models.record import TaskRecord


class HeldTask(TaskRecord):
    """A task in the hand of the worker that claimed it."""

    class Meta(TaskRecord.Meta):
        abstract = True

    def checkpoint(self) -> None:
        """Say that the work goes on, and learn whether it still should.

        Cheap enough to call at every step: it asks the database once a second at most. Raises
        TaskCancelled, TaskLost or WorkerStopping, which the handler lets pass through.
        """
        self.hold.check(self._look)

    @cached_property
    def hold(self) -> Hold:
        """Made when the task is claimed; its limits are the handler's, else the settings'."""
        settings, handler = configuration(), handlers.get(self.task_type)
        time_limit = handler.time_limit if handler else None
        return Hold(
            lease=settings.lease,
            look_every=settings.checkpoint_every,
            time_limit=time_limit or settings.time_limit,
            stall_limit=handler.stall_limit if handler else None,
        )

    def _look(self) -> None:
        """Ask the database whether this attempt still holds. Raises TaskCancelled or TaskLost.

        While the database is away the work goes on, as long as nobody else can have it.
        """
        rows = type(self)._default_manager.using(alias())
        held = rows.filter(pk=self.pk, status=self.Status.PROCESSING, attempt=self.attempt)
        try:
            row = held.values("cancel_requested_at").first()
        except (OperationalError, InterfaceError) as error:
            if primary().in_atomic_block:
                raise
            primary().close()  # the next look connects anew
            if self.hold.is_expired:
                raise TaskLost(f"No database, and the lease of task {self} is over.") from error
            return
        if row is None:
            raise TaskLost(f"Task {self} is no longer held under attempt {self.attempt}.")
        if row["cancel_requested_at"]:
            raise TaskCancelled(f"Task {self} was cancelled.")
