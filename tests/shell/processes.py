"""Real processes that use a data directory of their own, as a person at a shell starts them."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

PROJECT = Path(__file__).resolve().parents[2]
VENDORS = ("OPENAI_", "PINECONE_", "ELEVENLABS_", "AWS_")
USER = """
import sys
from pathlib import Path
from expertsite.embedded_postgres.server import EmbeddedPostgres

server = EmbeddedPostgres(Path(sys.argv[1]))
print(server.join()["host"], flush=True)
for line in sys.stdin:
    print(server.join()["host"], flush=True)
"""


def environment(data_dir: Path, **variables: str) -> dict[str, str]:
    """Ours, without what would point elsewhere, for a copy that keeps its data in `data_dir`."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(VENDORS) and name not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")
    }
    binaries = str(Path(sys.executable).parent)
    return ours | {
        "PATH": f"{binaries}:{ours['PATH']}",
        "ENV_FILE": os.devnull,
        "DEBUG": "1",
        "EXPERTSITE_DATA_DIR": str(data_dir),
        **variables,
    }


def manage(*arguments: str, data_dir: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run one management command to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=PROJECT,
        env=environment(data_dir, **variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )


class ServerUser:
    """A process that uses the embedded server until it is told to end, or killed."""

    def __init__(self, directory: Path, **options: Any) -> None:
        self.process = subprocess.Popen(
            [options.pop("python", sys.executable), "-c", USER, str(directory)],
            cwd=PROJECT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            **options,
        )

    def host(self) -> str:
        """Where it found the server, asked after it has joined."""
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def join_again(self) -> str:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return self.host()

    def end(self) -> None:
        self.process.communicate(timeout=30)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=30)


@contextmanager
def user_of(directory: Path, **options: Any) -> Iterator[ServerUser]:
    user = ServerUser(directory, **options)
    try:
        yield user
    finally:
        user.kill()


def server_pid(directory: Path) -> int:
    return int((directory / "postgres/postmaster.pid").read_text().split("\n", 1)[0])


def is_running(directory: Path) -> bool:
    try:
        return psutil.Process(server_pid(directory)).status() != psutil.STATUS_ZOMBIE
    except (OSError, psutil.NoSuchProcess):
        return False


def wait_until(true: Callable[[], object], *, seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < give_up, f"not within {seconds} s"
        time.sleep(0.05)
