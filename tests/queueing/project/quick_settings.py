"""The same, with times so short that tests need not wait for them."""

from datetime import timedelta

from tests.queueing.project.settings import *  # noqa: F403

QUEUEING = {
    "LEASE": timedelta(seconds=3),
    "RENEW_EVERY": timedelta(seconds=0.5),
    "HEARTBEAT": timedelta(seconds=0.2),
    "SILENCE": timedelta(seconds=1),
    "SECOND_LOOK": timedelta(seconds=0.3),
    "SERVER_SETTLING": timedelta(0),
    "POLL_INTERVAL": timedelta(seconds=0.2),
    "CHECKPOINT_EVERY": timedelta(seconds=0.1),
    "RETRY_BASE": timedelta(seconds=0.01),
}
