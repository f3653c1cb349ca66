"""Waiting for a vendor in sight of everyone."""

import math
import time

from experts.ingestion.report import Report
from experts.models.progress import PAUSED
from experts.providers.pacing import Pause
from queueing.models import ProcessingTask


def shown_pause(*, task: ProcessingTask, report: Report) -> Pause:
    """How a processing waits: the progress counts down; cancelling and stopping work meanwhile."""

    def pause(vendor: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            report.paused(f"{PAUSED}{vendor}, resumes in {math.ceil(left)} s")
            task.checkpoint()
            time.sleep(min(left, 1))

    return pause
