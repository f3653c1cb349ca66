"""`manage.py check_providers`: does every chosen provider answer?"""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from experts.providers.trial import Trial, try_all


class Command(BaseCommand):
    help = "Make one small real call to each chosen provider; exit with 1 if one fails."
    requires_system_checks = ()  # a missing key has its line in the table

    def handle(self, *args: Any, **options: Any) -> None:
        trials = try_all()
        self.stdout.write(self._row(" ", "Part", "Provider", "Took", "What it says"))
        for trial in trials:
            self.stdout.write(self._line(trial))
        if not all(trial.passed for trial in trials):
            sys.exit(1)

    def _line(self, trial: Trial) -> str:
        mark, style = ("✓", self.style.SUCCESS) if trial.passed else ("✗", self.style.ERROR)
        kind = trial.kind.replace("_", " ").lower()
        return style(self._row(mark, kind, trial.choice, f"{trial.milliseconds} ms", trial.note))

    def _row(self, mark: str, part: str, provider: str, took: str, says: str) -> str:
        return f"{mark} {part:<13} {provider:<11} {took:>9}  {says}"
