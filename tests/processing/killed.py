"""Workers that are killed, one for each line on standard input: FUNCTION CALL UPLOADS BILL.

Each runs the queue, and ends by kill -9 when FUNCTION ("module:Class.method") is called for the
time of the number CALL. What it embeds is noted in the file BILL, a line a passage. They are
forked from a process that has loaded everything, and their signals are printed.
"""

import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings

from experts import providers
from experts.ingestion import reading
from experts.providers.base import Vector
from queueing.testing import drain
from tests.fakes import FakeEmbedder


class Billed(FakeEmbedder):
    """Notes what it is asked to embed before it does, as a vendor would."""

    def __init__(self, bill: Path) -> None:
        self._bill = bill

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        with self._bill.open("a") as bill:
            bill.writelines(" ".join(text.split()) + "\n" for text in texts)
        return super().embed_passages(texts)


def work(place: str, call: str, uploads: str, bill: str) -> None:
    settings.MEDIA_ROOT = Path(uploads)
    reading.PAGES_A_WRITE = 2
    chosen, billed = providers.provider, Billed(Path(bill))

    def provider(kind: str, choice: str) -> Any:
        return billed if kind == "EMBEDDER" else chosen(kind, choice)

    providers.provider = provider  # type: ignore[assignment]
    die_at(place, call=int(call))
    drain()


def die_at(place: str, *, call: int) -> None:
    module, _, path = place.partition(":")
    *owners, name = path.split(".")
    owner: Any = import_module(module)
    for each in owners:
        owner = getattr(owner, each)
    original, calls = getattr(owner, name), iter(range(1, 10_000))

    def function(*arguments: Any, **named: Any) -> Any:
        if next(calls) == call:
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    setattr(owner, name, function)


if __name__ == "__main__":
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            work(*line.split())
            os._exit(0)
        signal_number = -os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sys.stdout.write(f"{signal_number}\n")
        sys.stdout.flush()
