"""The queue alone, on a scratch server, with the product's log lines as in production."""

from pathlib import Path

from expertsite.logs import logging_config

DATA_DIR = Path(__file__).resolve().parents[2] / "var" / "bench-queue"  # on a disk, not in memory

SECRET_KEY = "not secret"  # noqa: S105  (nothing is signed)
INSTALLED_APPS = ["queueing", "bench.queue"]
DATABASES = {
    "default": {"ENGINE": "expertsite.embedded_postgres", "NAME": "bench", "DATA_DIR": DATA_DIR}
}
LOGGING = logging_config("json", verbose=False)
