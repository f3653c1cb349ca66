"""What the daily comparison of vendors and storage with the database found, for operators."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from experts.reconciling import KINDS
from experts.views.phrases import counted
from queueing.periodic import last_round


@dataclass(frozen=True)
class Compared:
    """One kind of thing, and how it stands."""

    kind: str
    words: str
    agrees: bool


@dataclass(frozen=True)
class LastComparison:
    """When it was made, and what it says of each kind."""

    at: datetime
    kinds: list[Compared]

    @property
    def agrees(self) -> bool:
        return all(kind.agrees for kind in self.kinds)


def last_comparison() -> LastComparison | None:
    """The latest that came to its end; None before the first."""
    task = last_round("reconcile")
    if task is None or task.completed_at is None:
        return None
    found = task.result or {}
    kinds = [compared(kind, found[kind]) for kind in KINDS if kind in found]
    return LastComparison(task.completed_at, kinds)


def compared(kind: str, counts: dict[str, Any]) -> Compared:
    faults = [
        counted(counts[name], noun)
        for name, noun in (("orphans", "orphan"), ("gaps", "gap"))
        if counts[name]
    ]
    trouble = counts.get("trouble", "")
    words = f"Not compared. {trouble}" if trouble else ", ".join(faults) or "All agree"
    return Compared(kind.capitalize(), words, agrees=not (trouble or faults))
