"""The proportions of the defaults at a fifth of their length, for trials without a server."""

from datetime import timedelta

from tests.queueing.project.settings import *  # noqa: F403

QUEUEING = {
    "LEASE": timedelta(seconds=12),
    "RENEW_EVERY": timedelta(seconds=3),
    "HEARTBEAT": timedelta(seconds=0.6),
    "SILENCE": timedelta(seconds=1.2),
    "SECOND_LOOK": timedelta(seconds=0.4),
    "SERVER_SETTLING": timedelta(seconds=4),
    "POLL_INTERVAL": timedelta(seconds=0.4),
    "CHECKPOINT_EVERY": timedelta(seconds=0.2),
    "RETRY_BASE": timedelta(seconds=0.1),
}
