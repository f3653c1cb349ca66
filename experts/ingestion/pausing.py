"""Waiting for a vendor in sight of everyone."""

import math
import time
from collections.abc import Callable

from experts.ingestion.report import Report
from experts.models.progress import PAUSED
from experts.providers.pacing import Pause


def shown_pause(report: Report, rest: Callable[[float], None]) -> Pause:
    """How a processing waits: the progress counts down.

    `rest(seconds)` returns after so long; it raises what ends the work meanwhile.
    """

    def pause(vendor: str, seconds: float) -> None:
        until = time.monotonic() + seconds
        try:
            while (left := until - time.monotonic()) > 0:
                report.paused(f"{PAUSED}{vendor}, resumes in {math.ceil(left)} s")
                rest(min(left, 1))
        finally:
            report.paused("")

    return pause
