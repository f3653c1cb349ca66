"""What the workers run: as little as there can be."""

import time

from queueing import handler
from queueing.models import ProcessingTask


@handler("nothing")
def nothing(task: ProcessingTask) -> None:
    """All that remains is the queue's own work."""


@handler("clock")
def clock(task: ProcessingTask) -> float:
    """When the first line of a handler ran, in seconds since the epoch."""
    return time.time()
