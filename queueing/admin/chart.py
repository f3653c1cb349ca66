"""A small bar chart as SVG: geometry only, the colours are the stylesheet's."""

from typing import NamedTuple

from queueing.throughput import Minute

BAR = 10  # of the chart's own units; it is drawn as wide as there is room
GAP = 2
HEIGHT = 100


class Bar(NamedTuple):
    x: int
    completed_top: float
    completed_height: float
    failed_top: float
    failed_height: float
    title: str


class Chart(NamedTuple):
    bars: list[Bar]
    width: int
    height: int
    bar_width: int
    highest: int  # tasks in the best minute
    completed: int
    failed: int


def chart(minutes: list[Minute]) -> Chart:
    """Failed ones stand on top of completed ones."""
    highest = max(minute.completed + minute.failed for minute in minutes)
    return Chart(
        bars=[_bar(place, minute, highest or 1) for place, minute in enumerate(minutes)],
        width=len(minutes) * BAR,
        height=HEIGHT,
        bar_width=BAR - GAP,
        highest=highest,
        completed=sum(minute.completed for minute in minutes),
        failed=sum(minute.failed for minute in minutes),
    )


def _bar(place: int, minute: Minute, highest: int) -> Bar:
    completed = round(HEIGHT * minute.completed / highest, 1)
    failed = round(HEIGHT * minute.failed / highest, 1)
    return Bar(
        x=place * BAR,
        completed_top=HEIGHT - completed,
        completed_height=completed,
        failed_top=round(HEIGHT - completed - failed, 1),
        failed_height=failed,
        title=f"{minute.ago} min ago: {minute.completed} completed, {minute.failed} failed",
    )
