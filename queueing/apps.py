from django.apps import AppConfig
from django.core.checks import register
from django.utils.module_loading import autodiscover_modules

from queueing.checks import check_settings


class QueueingConfig(AppConfig):
    """Finds the handlers in every installed app's tasks.py, as the admin finds admin.py."""

    name = "queueing"
    verbose_name = "Queue"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        autodiscover_modules("tasks")
        register(check_settings)
