"""The queue in Django's admin: to look at, and to act on through the tasks' own methods."""

from queueing.admin.tasks import ProcessingTaskAdmin
from queueing.admin.workers import WorkerAdmin

__all__ = ["ProcessingTaskAdmin", "WorkerAdmin"]
