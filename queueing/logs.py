"""Where the worker's log lines go in a project that has set up none."""

import logging
import sys


def show_logs() -> None:
    """Print the queue's lines, unless the project's LOGGING already says where they go."""
    logger = logging.getLogger("queueing")
    if not logger.hasHandlers():
        handler = logging.StreamHandler(sys.stdout)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
