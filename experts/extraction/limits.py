"""What one file may cost, and the child's side of enforcing it."""

import fcntl
import os
import resource
import select
import signal
import sys
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost. Times count only while the reader works."""

    memory_bytes: int = 1 << 30  # address space, libraries included
    ocr_memory_bytes: int = 0  # the same from the first picture on that needs OCR; 0 is no OCR
    seconds: float = 60.0  # of wall and of processor time, plus the budgets that follow
    seconds_per_page: float = 0.25
    seconds_per_picture: float = 90.0  # that is recognised, be it a page or on one
    silence_seconds: float = 30.0  # without a page or any other message
    text_length: int = 50_000_000  # characters out of one file, unless the file itself is larger
    written_bytes: int = 1 * MIB  # the reader writes nothing but its log
    open_files: int = 64

    @property
    def most_memory(self) -> int:
        return max(self.memory_bytes, self.ocr_memory_bytes)

    def seconds_for(self, pages: int, pictures: int) -> float:
        return self.seconds + self.seconds_per_page * pages + self.seconds_per_picture * pictures


def restrict(limits: Limits) -> None:
    """Bind this process for the rest of its life."""
    _set(resource.RLIMIT_AS, limits.memory_bytes, most=limits.most_memory)
    _set(resource.RLIMIT_FSIZE, limits.written_bytes)
    _set(resource.RLIMIT_NOFILE, limits.open_files)
    _set(resource.RLIMIT_CORE, 0)
    allow_processor_time(limits.seconds)


def peak_memory(usage: resource.struct_rusage) -> int:
    """The most memory that was resident, in bytes: kernels disagree on the unit."""
    return usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def allow_processor_time(seconds: float) -> None:
    """Move the soft limit only: the budget grows with the pages."""
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(seconds) + 1, hard))


def allow_ocr_memory() -> None:
    """From here on up to `ocr_memory_bytes`: what opens the file has done so under less."""
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _set(kind: int, value: int, *, most: int | None = None) -> None:
    try:
        resource.setrlimit(kind, (value, most or value))
    except ValueError:  # macOS refuses an address-space limit below what is already mapped
        sys.stderr.write(f"limit {kind} could not be set to {value}\n")


def die_with_parent(lifeline: int = 0) -> None:
    """End this process, by the kernel's hand, when the other end of the pipe closes.

    The parent holds that end and nobody else does, so even kill -9 of the parent closes it.
    SIGIO ends a process by default; unlike PR_SET_PDEATHSIG it does not mistake the end of
    the thread that started us for the end of the process.
    """
    if sys.platform == "darwin":  # where SIGIO is ignored by default
        signal.signal(signal.SIGIO, lambda *_: os._exit(1))
    fcntl.fcntl(lifeline, fcntl.F_SETOWN, os.getpid())
    flags = fcntl.fcntl(lifeline, fcntl.F_GETFL)
    fcntl.fcntl(lifeline, fcntl.F_SETFL, flags | os.O_ASYNC)
    if select.select([lifeline], [], [], 0)[0]:  # it closed before we were listening
        sys.exit(1)
