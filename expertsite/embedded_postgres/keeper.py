"""The process that stays beside a running server, and stops it when its last user was killed.

Users that end by themselves stop the server on their way out (EmbeddedPostgres.leave). A process
that dies by a signal cannot, and web servers are made to end by one.
"""

import sys
from pathlib import Path

import psutil

from expertsite.embedded_postgres.server import EmbeddedPostgres

LOOK_EVERY = 1.0  # seconds


def keep(server: EmbeddedPostgres) -> None:
    """Return when the server that runs now has ended."""
    postmaster = server.cluster.postmaster()
    while postmaster and server.cluster.postmaster() == postmaster:
        try:
            postmaster.wait(LOOK_EVERY)
        except psutil.TimeoutExpired:
            server.stop_if_unused()


if __name__ == "__main__":
    keep(EmbeddedPostgres(Path(sys.argv[1])))
