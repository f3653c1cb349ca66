from django.apps import AppConfig


class ExpertsConfig(AppConfig):
    """Experts: their files, their knowledge, the talk with them."""

    name = "experts"
