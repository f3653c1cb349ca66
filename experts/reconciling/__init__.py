"""What vendors and the storage hold, compared with the database: orphans there, gaps here.

An orphan is at a vendor and belongs to nothing here; a gap is known here and missing there.
Mending goes through the queue, as every removal does, so a vendor that is down drops none.
Only what carries this site's mark is looked at: what another site keeps beside it is not ours.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings

from experts.housekeeping import BEHIND_EVERYTHING
from experts.models import Site
from experts.providers.base import ProviderError
from experts.reconciling.agents import agents
from experts.reconciling.findings import Comparison, Finding
from experts.reconciling.objects import objects
from experts.reconciling.vectors import vectors
from queueing import enqueue
from queueing.identifiers import uuid7

AFTER_A_REPAIR = timedelta(minutes=5)
KINDS = {"agents": agents, "vectors": vectors, "objects": objects}


def compare() -> list[Comparison]:
    """Compare agents, vectors and objects; what is down does not keep the others from it."""
    settle_in()
    return [compared(kind, find) for kind, find in KINDS.items()]


def compared(kind: str, find: Callable[[], Iterator[Finding]]) -> Comparison:
    try:
        return Comparison(kind, list(find()))
    except ProviderError as error:
        return Comparison(kind, trouble=str(error))


def look_again() -> None:
    """Queue a comparison for when what was mended has settled: operators see the latest."""
    key = f"after a repair, {uuid7()}"  # a round of its own, beside those that come each day
    enqueue("reconcile", idempotency_key=key, delay=AFTER_A_REPAIR, priority=BEHIND_EVERYTHING)


def settle_in() -> None:
    """The first address from which the database is compared is its home."""
    Site.objects.here()
    Site.objects.filter(home="").update(home=settings.PUBLIC_URL)


def move_in() -> None:
    """The site has moved: its home is where it is now."""
    Site.objects.here()
    Site.objects.update(home=settings.PUBLIC_URL)


def far_from() -> str:
    """The home of the database, where that is somewhere else: then this may be a copy.

    A copy does not know what was made since, so what it takes for orphans may be in use.
    """
    home = Site.objects.here().home
    return "" if home in ("", settings.PUBLIC_URL) else home


def counts(comparisons: list[Comparison]) -> dict[str, Any]:
    """For the result of a task, and whoever shows it: by kind."""
    return {comparison.kind: comparison.counts() for comparison in comparisons}
