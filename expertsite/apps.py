from django.apps import AppConfig


class ExpertsiteConfig(AppConfig):
    """The project itself, installed for its management commands."""

    name = "expertsite"
