"""A wire between workers and the server that can lose an answer."""

import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Wire:
    """Relays every connection to the server's socket in `there`; `here` is where it listens."""

    def __init__(self, here: Path, there: Path) -> None:
        self.lost = threading.Event()
        self._loses: bytes | None = None
        self._there = there / ".s.PGSQL.5432"
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(here / ".s.PGSQL.5432"))
        self._listening.listen()
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_answer_with(self, words: bytes) -> None:
        """Cut the first connection whose answer holds these words, in place of passing it on."""
        self._loses = words

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # it was closed
            while True:
                worker = self._listening.accept()[0]
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self._there))
                for way in ((worker, server), (server, worker)):
                    threading.Thread(target=self._relay, args=way, daemon=True).start()

    def _relay(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):  # the other way was cut
            while data := source.recv(1 << 16):
                if self._loses and self._loses in data:
                    self._loses = None
                    self.lost.set()
                    break
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        source.close()  # each end is the source of one way


@contextmanager
def wire_to(there: Path) -> Iterator[tuple[Wire, Path]]:
    """A wire, and the directory that stands for the server's host."""
    with tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp") as here:  # a short path
        wire = Wire(Path(here), there)
        yield wire, Path(here)
        wire.close()
