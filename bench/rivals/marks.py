"""The pipe that tells when each task began."""

import os
import select
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mark:
    key: str
    at: int  # nanoseconds of the monotonic clock, which all processes of a machine share
    pid: int


class Marks:
    """Reads what work.mark wrote, from whatever process."""

    def __init__(self, path: Path) -> None:
        os.mkfifo(path)
        self._pipe = os.open(path, os.O_RDWR | os.O_NONBLOCK)  # for writing too: it never ends
        self._rest = b""
        self._read: deque[Mark] = deque()

    def until(self, deadline: float) -> Iterator[Mark]:
        """Marks as they come, until time.monotonic() has passed the deadline."""
        while (left := deadline - time.monotonic()) > 0:
            if self._read or self._comes_within(left):
                yield self._read.popleft()

    def forget(self) -> None:
        """Drop what earlier workers wrote before they were killed."""
        while self._comes_within(0):
            self._read.clear()
        self._rest = b""

    def _comes_within(self, seconds: float) -> bool:
        """Whether there are new marks."""
        if select.select([self._pipe], [], [], seconds)[0]:
            *lines, self._rest = (self._rest + os.read(self._pipe, 65536)).split(b"\n")
            fields = [line.decode().split(" ") for line in lines]
            self._read.extend(Mark(key, int(at), int(pid)) for key, at, pid in fields)
        return bool(self._read)
