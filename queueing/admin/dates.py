"""The date hierarchy above the list of tasks, without a look at every row.

Django's own reads all dates there are. Keys are time-ordered, so the first and the last one say
from when to when there are tasks, and a range of keys finds those of a month or a day.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format

from queueing.database import alias
from queueing.identifiers import first_key_of, moment_of
from queueing.models import ProcessingTask

CLOCKS_DIFFER_BY = timedelta(hours=1)  # keys are of the enqueuer's clock, dates of the database's
MANY_DAYS = timedelta(days=31)
MANY_MONTHS = timedelta(days=731)
PARTS = ("year", "month", "day")


class Period(NamedTuple):
    """A year, a month of it or a day of that; whatever is 0 is not chosen."""

    year: int = 0
    month: int = 0
    day: int = 0

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> Self:
        return cls(*(int(parameters.get(f"created_at__{part}", 0)) for part in PARTS))

    @property
    def parameters(self) -> dict[str, int | None]:
        """For the address of the list; None takes a part out of it."""
        named = zip(PARTS, self, strict=True)
        return {f"created_at__{part}": value or None for part, value in named}

    @property
    def first_day(self) -> date:
        return date(self.year, self.month or 1, self.day or 1)

    @property
    def day_after(self) -> date:
        if self.day:
            return self.first_day + timedelta(days=1)
        if self.month:
            return date(self.year + self.month // 12, self.month % 12 + 1, 1)
        return date(self.year + 1, 1, 1)

    @property
    def title(self) -> str:
        if not self.year:
            return "All dates"
        formats = "MONTH_DAY_FORMAT" if self.day else "YEAR_MONTH_FORMAT"
        return date_format(self.first_day, formats) if self.month else str(self.year)

    def narrow(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Bound the keys too, where rows are already bound by their date."""
        if not self.year:
            return rows
        since = _midnight(self.first_day) - CLOCKS_DIFFER_BY
        until = _midnight(self.day_after) + CLOCKS_DIFFER_BY
        return rows.filter(pk__gte=first_key_of(since), pk__lt=first_key_of(until))

    def wider(self) -> "Period | None":
        """What this one is a part of; None for the whole."""
        if not self.year:
            return None
        return Period(self.year, self.month) if self.day else Period(self.year * bool(self.month))

    def parts(self) -> list["Period"]:
        """The next smaller periods in which tasks were made, from the first to the last."""
        span = _span()
        if self.day or not span:
            return []
        first, last = span
        if self.year:
            first = max(first, self.first_day)
            last = min(last, self.day_after - timedelta(days=1))
        size = 3 if self.month else 2 if self.year else _size(last - first)
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return list(_each_once(Period(*(day.year, day.month, day.day)[:size]) for day in days))


def _span() -> tuple[date, date] | None:
    """The days of the first and of the last task."""
    keys = ProcessingTask.objects.using(alias()).values_list("pk", flat=True)
    first, last = keys.order_by("pk").first(), keys.order_by("-pk").first()
    return (_day_of(first), _day_of(last)) if first and last else None


def _day_of(key: UUID) -> date:
    return timezone.localdate(moment_of(key))


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _size(span: timedelta) -> int:
    if span > MANY_MONTHS:
        return 1
    return 2 if span > MANY_DAYS else 3


def _each_once(periods: Iterator[Period]) -> Iterator[Period]:
    yield from dict.fromkeys(periods)
