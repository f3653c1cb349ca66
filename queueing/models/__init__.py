from queueing.models.attempt import TaskAttempt
from queueing.models.pause import Pause
from queueing.models.task import ProcessingTask
from queueing.models.worker import Worker

__all__ = ["Pause", "ProcessingTask", "TaskAttempt", "Worker"]
