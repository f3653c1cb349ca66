"""The quick ones, with a worker that waits no longer than this for its own statements."""

from datetime import timedelta

from tests.queueing.project.quick_settings import *  # noqa: F403
from tests.queueing.project.quick_settings import QUEUEING

QUEUEING = QUEUEING | {"STATEMENT_TIMEOUT": timedelta(seconds=0.3)}
