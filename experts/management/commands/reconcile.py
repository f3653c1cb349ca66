"""`manage.py reconcile`: do vendors and storage hold what the database says, and nothing else?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from experts.reconciling import Comparison, compare


class Command(BaseCommand):
    help = (
        "Compare agents, vectors and stored objects with the database. Exits with 1 when something"
        " does not agree and was not mended, with 2 when something could not be compared."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--repair", action="store_true", help="remove orphans and fill gaps, by the queue"
        )

    def handle(self, *, repair: bool, **options: Any) -> None:
        comparisons = compare()
        left = sum(self._show(each, repair=repair) for each in comparisons)
        if any(each.trouble for each in comparisons):
            sys.exit(2)
        if left:
            sys.exit(1)

    def _show(self, comparison: Comparison, *, repair: bool) -> int:
        """Print what was found, mend it if asked; returns how much is left."""
        if not comparison.lines():
            self.stdout.write(self.style.SUCCESS(f"{comparison.kind}: all agree."))
        for line in comparison.lines():
            self.stdout.write(line)
        mends = [finding.mend for finding in comparison.findings if repair and finding.mend]
        for mend in mends:
            mend()
        if mends:
            self.stdout.write(f"{comparison.kind}: {len(mends)} being mended.")
        return len(comparison.findings) - len(mends)
