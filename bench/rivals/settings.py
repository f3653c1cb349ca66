"""A Django project with the three queues that live in one."""

import os

SECRET_KEY = "not secret"  # noqa: S105  (nothing is signed that anybody sees)
USE_TZ = True
INSTALLED_APPS = ["queueing", "bench.rivals", "django_tasks_db", "django_q"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "HOST": os.environ["PGHOST"],
        "PORT": os.environ["PGPORT"],
        "USER": os.environ["PGUSER"],
        "NAME": os.environ["PGDATABASE"],
        # Django's default of 0 would make the two others connect anew for each task.
        "CONN_MAX_AGE": 60,
    }
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

# The documentation's example for the ORM as broker, with the default of 60 s for `retry`: its
# 120 s would be beyond what these trials wait for.
Q_CLUSTER = {
    "name": "DjangORM",
    "workers": int(os.environ.get("Q_WORKERS", "1")),
    "timeout": 45,
    "retry": 60,
    "queue_limit": 50,
    "bulk": 10,
    "orm": "default",
}
