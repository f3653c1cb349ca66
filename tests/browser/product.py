"""The real product: a web process and, when a test wants one, a worker, on data of their own."""

import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from tests.shell.processes import PROJECT, environment, manage, wait_until

SECONDS_TO_STOP = 40


class Product:
    """A copy of the product that keeps its data in `data_dir` and listens on a free port.

    `variables` are those of its environment that differ from a copy without keys.
    """

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._port = free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.variables: dict[str, str] = {}

    @contextmanager
    def running(self) -> Iterator["Product"]:
        """Migrated, with its web process answering."""
        self.manage("migrate")
        web = ["-m", "uvicorn", "expertsite.asgi:application", "--port", str(self._port)]
        with self._process("web", *web):
            wait_until(self._answers, seconds=30)
            yield self
        wait_until(self._is_stopped, seconds=30)

    def manage(self, *arguments: str) -> str:
        """What a management command prints."""
        done = manage(*arguments, data_dir=self._data_dir, **self.variables)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def logs(self) -> str:
        """Everything that its processes have printed."""
        return "".join(log.read_text(errors="replace") for log in self._data_dir.glob("*.log"))

    @contextmanager
    def worker(self) -> Iterator[None]:
        with self._process("worker", "manage.py", "run_queue_worker"):
            yield

    @contextmanager
    def _process(self, name: str, *arguments: str) -> Iterator[None]:
        """Run Python with these arguments; what it prints is kept beside its data."""
        with (self._data_dir / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=PROJECT,
                env=environment(self._data_dir, LOG_FORMAT="json", **self.variables),
                stdout=log,
                stderr=log,
            )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(SECONDS_TO_STOP)

    def _is_stopped(self) -> bool:
        """Whether the embedded server has gone, too, which ends after its last user."""
        return not (self._data_dir / "postgres" / "postmaster.pid").exists()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):  # noqa: S310  (ours)
                return True
        except (URLError, ConnectionError, TimeoutError):
            return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
