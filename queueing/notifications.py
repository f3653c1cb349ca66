"""Waking idle workers, once the work can be seen."""

import threading
import time

from queueing.database import primary

CHANNEL = "processing_queue"

# A process notifies at most this often (seconds). A commit that finds a notification just sent
# sends none: whoever was woken by that one looks again LOOK_AGAIN later, and so finds it too.
INTERVAL = 0.02
LOOK_AGAIN = 2 * INTERVAL

_lock = threading.Lock()
_sent_at = float("-inf")


def wake_workers() -> None:
    """Notify idle workers after the commit, once however often a transaction asks for it.

    Inside the transaction a NOTIFY would take one server-wide lock through the commit's fsync
    and make all enqueuers stand in line for it.
    """
    connection = primary()
    if not any(hook[1] is _notify for hook in connection.run_on_commit):
        connection.on_commit(_notify, robust=True)


def _notify() -> None:
    global _sent_at
    with _lock:
        now = time.monotonic()
        if now - _sent_at < INTERVAL:
            return
        _sent_at = now
    with primary().cursor() as cursor:
        cursor.execute(f"NOTIFY {CHANNEL}")
