from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class QueueingConfig(AppConfig):
    """Finds the handlers in every installed app's tasks.py, as the admin finds admin.py."""

    name = "queueing"
    verbose_name = "Queue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("tasks")
