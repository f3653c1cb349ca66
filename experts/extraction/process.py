"""The parent's hold on one reading process: start, listen within limits, end it for certain."""

import contextlib
import json
import logging
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.limits import Limits, peak_memory

ROOT = Path(__file__).resolve().parents[2]
CHUNK = 1 << 16
LOG_TAIL = 4_000  # bytes of a failed reader's own log that are kept in ours
LINE_FACTOR = 7  # a page as JSON to its text: an escape takes six characters
LAST_SECONDS = 5.0  # that the end of a process may take once it has stopped talking
NEARLY_ALL = 0.7  # of the memory limit was in use at death: then memory was the reason

logger = logging.getLogger(__name__)


class ReaderUnavailableError(Exception):
    """The reading process could not start, or work. Not the file's fault: try again later."""


class ReaderCrashedError(ExtractionError):
    """The reading process died of this file; another reader may do better."""


class ReaderProcess:
    """A child in a session of its own that reads one file and can do nothing else."""

    def __init__(self, reader: str, path: Path, *, skip: int, limits: Limits) -> None:
        self._limits = limits
        self._ready: int | None = None  # its peak of memory when it had started
        self._pages = self._pictures = 0  # what the time budget stands on
        self._worked = 0.0  # seconds that we waited for it; our own slowness does not count
        self._characters = 0
        self._most = max(limits.text_length, path.stat().st_size)
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._scratch = tempfile.TemporaryDirectory(prefix="expertsite-")  # for what it unpacks
        self._process = self._start(reader, path, skip)
        self._reaping = threading.Lock()  # until it is reaped, its number is nobody else's
        self._is_stopped = False

    def _start(self, reader: str, path: Path, skip: int) -> subprocess.Popen[bytes]:
        arguments = (reader, str(path.absolute()), str(skip), json.dumps(asdict(self._limits)))
        return subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "experts.extraction.child", *arguments],
            stdin=subprocess.PIPE,  # the lifeline: it closes when we die, however we die
            stdout=subprocess.PIPE,
            stderr=self._log,
            cwd="/",
            env={
                "PYTHONPATH": str(ROOT),
                "PYTHONUTF8": "1",
                "LC_ALL": "C.UTF-8",
                "TMPDIR": self._scratch.name,
            },
            start_new_session=True,
        )

    def messages(self) -> Iterator[dict[str, Any]]:
        """Every message up to the end; raises ExtractionError when it fails or overdraws."""
        for line in self._lines():
            message = _parsed(line)
            if "error" in message:
                self._keep_log()
                raise ExtractionError(message["error"], message.get("message", ""))
            if "unavailable" in message:
                raise ReaderUnavailableError(message["unavailable"])
            if "end" in message:
                return
            self._ready = message.get("ready", self._ready)
            self._count(message)
            yield message
        if not self._is_stopped:
            raise self._died()

    def _lines(self) -> Iterator[bytearray]:
        pending = bytearray()
        while chunk := self._read():
            pending += chunk
            if len(pending) > LINE_FACTOR * self._most:
                raise ExtractionError(ErrorCode.TOO_LARGE)
            if b"\n" in chunk:
                *lines, pending = pending.split(b"\n")
                yield from lines

    def _read(self) -> bytes:
        """The next bytes, or none at the end. Raises when a limit is passed."""
        assert self._process.stdout
        left = self._limits.seconds_for(self._pages, self._pictures) - self._worked
        began = time.monotonic()
        descriptor = self._process.stdout.fileno()
        patience = max(0.0, min(left, self._limits.silence_seconds))
        ready, _, _ = select.select([descriptor], [], [], patience)
        self._worked += time.monotonic() - began
        if not ready:
            self._keep_log()
            raise ExtractionError(ErrorCode.TIMED_OUT)
        return os.read(descriptor, CHUNK)

    def _count(self, message: dict[str, Any]) -> None:
        """Pages extend the time, their text is limited. A compressed file can hold any amount."""
        self._pictures = max(self._pictures, message.get("pictures", 0))
        self._pages = max(self._pages, message.get("total", 0))
        if "page" in message:
            self._pages = max(self._pages, message["page"][0])
            self._characters += len(message["page"][2])
        if self._characters > self._most:
            raise ExtractionError(ErrorCode.TOO_LARGE)

    def _died(self) -> Exception:
        """What a silent end means. The kernel's word on it is the exit status."""
        peak = self._reap(patience=LAST_SECONDS)
        if peak is None:
            return ReaderCrashedError(ErrorCode.TOO_COMPLEX)  # it only stopped talking
        status = self._process.returncode
        logger.warning("The reading process ended with status %s, %d MiB", status, peak >> 20)
        self._keep_log()
        if self._ready is None:
            return ReaderUnavailableError(f"the reading process ended with status {status}")
        if status == -signal.SIGXCPU:
            return ExtractionError(ErrorCode.TIMED_OUT)
        # Linux lets a process inherit the peak of the one that started it: only above that is
        # the peak its own.
        if status == -signal.SIGKILL or peak > max(self._ready, self._nearly_all):
            return ReaderCrashedError(ErrorCode.OUT_OF_MEMORY)
        return ReaderCrashedError(ErrorCode.TOO_COMPLEX if status < 0 else ErrorCode.CORRUPT)

    @property
    def _nearly_all(self) -> float:
        return NEARLY_ALL * self._limits.most_memory

    def _keep_log(self) -> None:
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - LOG_TAIL))
        if tail := self._log.read().decode("utf-8", "replace").strip():
            logger.warning("The reading process said: %s", tail)

    def _reap(self, *, patience: float) -> int | None:
        """Wait for its end; its peak of resident memory in bytes, or None if it goes on."""
        until = time.monotonic() + patience
        while self._process.returncode is None:
            with self._reaping:
                pid, status, usage = os.wait4(self._process.pid, os.WNOHANG)
                if pid:
                    self._process.returncode = os.waitstatus_to_exitcode(status)
                    return peak_memory(usage)
            if time.monotonic() > until:
                return None
            time.sleep(0.01)
        return 0

    def stop(self) -> None:
        """Kill it from another thread: whoever listens finds that there are no more messages."""
        self._is_stopped = True
        self._kill()

    def _kill(self) -> None:
        """Its whole group, so that nothing it started is left."""
        with self._reaping, contextlib.suppress(ProcessLookupError):
            if self._process.returncode is None:
                os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Kill what is left of its process group and forget it. Safe to call again."""
        self._kill()
        self._reap(patience=LAST_SECONDS)
        for stream in (self._process.stdin, self._process.stdout, self._log):
            if stream:
                stream.close()
        self._scratch.cleanup()


def _parsed(line: bytes | bytearray) -> dict[str, Any]:
    """A message. Anything else can only come from a reader that a file has taken over."""
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ExtractionError(ErrorCode.TOO_COMPLEX) from error
    if not isinstance(message, dict):
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    return message
