"""A reader that does what the file tells it: how the process around it is tested."""

import contextlib
import errno
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.pages import Document


def read(path: Path, *, skip: int) -> Document:
    return Document.of_sections(_sections(path), skip=skip, look_ahead=1)


def _sections(path: Path) -> Iterator[tuple[str, str]]:
    yield "Part 1", "The first part is fine."
    yield "Part 2", DEEDS.get(path.read_bytes(), abort)()


def abort() -> str:
    os.kill(os.getpid(), signal.SIGABRT)
    raise AssertionError


def eat_memory() -> str:
    held = [b"x" * (50 << 20) for _ in range(100)]
    return f"{len(held)} pieces"


def choke() -> str:
    """What PDFium does when memory runs out: no exception, an abort."""
    try:
        return eat_memory()
    except MemoryError:
        return abort()


def burn() -> str:
    while True:
        pass


def sleep() -> str:
    time.sleep(600)
    return "rested"


def flood() -> str:
    return "word " * 200_000


def chatter() -> str:
    os.write(1, b'{"end": true}\n' * 1000)
    return "I said nothing."


def babble() -> str:
    for descriptor in range(3, 20):
        with contextlib.suppress(OSError):
            os.write(descriptor, b"not a message\n")
    return "said"


def stop_talking() -> str:
    for descriptor in range(3, 20):
        with contextlib.suppress(OSError):
            os.close(descriptor)
    return sleep()


def find_the_disk_full() -> str:
    raise OSError(errno.ENOSPC, "No space left on device")


def show_environment() -> str:
    return " ".join(sorted(os.environ))


def show_files() -> str:
    return str(len(list(Path("/proc/self/fd").iterdir())) - 1)


def recurse() -> str:
    return recurse()


def fail() -> str:
    raise LookupError("the secret of the house")


def give_up() -> str:
    raise ExtractionError(ErrorCode.TOO_COMPLEX)


def fill_disk() -> str:
    with open("/tmp/expertsite-too-much", "wb") as out:  # noqa: PTH123, S108 - it must not work
        out.write(bytes(64 << 20))
    return "written"


DEEDS: dict[bytes, Callable[[], str]] = {
    deed.__name__.encode(): deed
    for deed in (
        *(
            abort,
            babble,
            choke,
            eat_memory,
            burn,
            sleep,
            flood,
            chatter,
            stop_talking,
            find_the_disk_full,
            show_environment,
            show_files,
        ),
        *(recurse, fail, give_up, fill_disk),
    )
}
