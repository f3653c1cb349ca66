"""`manage.py reconcile`: do vendors and storage hold what the database says, and nothing else?"""

import sys
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from experts.reconciling import compare, far_from, look_again, move_in
from experts.reconciling.findings import Comparison

COPY = (
    "No orphan is removed: this database was compared at {} before, and this is {!r}. A copy does"
    " not know what the other site has made since: give it keys, an index and a bucket of its own."
    " If the site has moved, say so once: manage.py reconcile --moved."
)


class Command(BaseCommand):
    help = (
        "Compare agents, vectors and stored objects with the database. Exits with 1 when something"
        " does not agree and was not mended, with 2 when something could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="remove orphans and fill gaps, by the queue"
        )
        parser.add_argument(
            "--moved", action="store_true", help="the site has moved: PUBLIC_URL is right now"
        )

    def handle(self, *, repair: bool, moved: bool, **options: Any) -> None:
        if moved:
            move_in()
        comparisons = compare()
        elsewhere = far_from()
        left = sum(
            self._show(each, mended=(("gap",) if elsewhere else ("gap", "orphan")) * repair)
            for each in comparisons
        )
        if repair:
            look_again()
        if repair and elsewhere:
            self.stdout.write(self.style.WARNING(COPY.format(elsewhere, settings.PUBLIC_URL)))
        if any(each.trouble for each in comparisons):
            sys.exit(2)
        if left:
            sys.exit(1)

    def _show(self, comparison: Comparison, *, mended: Sequence[str]) -> int:
        """Print what was found, mend these faults; returns how much is left."""
        if not comparison.lines():
            self.stdout.write(self.style.SUCCESS(f"{comparison.kind}: all agree."))
        for line in comparison.lines():
            self.stdout.write(line)
        findings = [each for each in comparison.findings if each.fault in mended]
        mends = [finding.mend for finding in findings if finding.mend]
        for mend in mends:
            mend()
        if mends:
            self.stdout.write(f"{comparison.kind}: {len(mends)} being mended.")
        return len(comparison.findings) - len(mends)
