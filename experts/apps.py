from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    """Experts: their files, their knowledge, the talk with them."""

    name = "experts"

    def ready(self) -> None:
        from experts import checks  # noqa: F401  being imported registers them
        from experts.metrics import ComparisonCollector
        from queueing.metrics import beside

        beside.append(ComparisonCollector)
