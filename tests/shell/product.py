"""The whole product as `make run` starts it, on a port and in a data directory of its own."""

import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import psutil

from tests.shell.processes import PROJECT, environment, wait_until


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Product:
    """`manage.py run_local`, from its start to its end."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.site = f"http://localhost:{self.port}"
        data_dir.mkdir(exist_ok=True)
        self.log = data_dir / "run.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "manage.py", "run_local"],
                cwd=PROJECT,
                env=environment(data_dir, PORT=str(self.port)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def wait_until_up(self, *, seconds: float = 60) -> float:
        """How many seconds it took from now. Fails with what it said when it ended instead."""
        start = time.monotonic()
        wait_until(lambda: "Ctrl-C stops everything" in self.said or self.ended, seconds=seconds)
        assert not self.ended, self.said
        return time.monotonic() - start

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def sign_in(self) -> tuple[str, str]:
        """The name and the password as printed."""
        found = re.search(r"Sign in as (\S+) with the password (\S+)", self.said)
        assert found
        return found[1], found[2]

    def curl(self) -> list[str]:
        """The printed call, as a shell would split it."""
        found = re.search(r"^  (curl .*)$", self.said, re.MULTILINE)
        assert found
        return shlex.split(found[1])

    def token(self) -> str:
        found = re.search(r"Token (\w+)", self.said)
        assert found
        return found[1]

    def api(self) -> httpx.Client:
        headers = {"Authorization": f"Token {self.token()}"}
        return httpx.Client(base_url=self.site, headers=headers, timeout=30)

    def is_ready(self, expert_id: str) -> bool:
        with self.api() as api:
            progress = api.get(f"/experts/{expert_id}/progress/").json()["progress"]
        assert progress["status"] not in ("failed", "cancelled"), progress
        return bool(progress["status"] == "completed")

    def stop(self, number: signal.Signals = signal.SIGINT) -> int:
        """Ask it to end; returns its exit code."""
        if not self.ended:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    def processes(self) -> list[psutil.Process]:
        """Every live process of this copy, found by its data directory."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            directory = process.environ().get("EXPERTSITE_DATA_DIR")
            zombie = process.status() == psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False
        return directory == str(self.data_dir) and not zombie

    def find(self, words: str) -> psutil.Process:
        """The process whose command line holds these words (and not the shell that started it)."""
        return next(
            process
            for process in self.processes()
            if words in " ".join(process.cmdline()) and process.name() != "sh"
        )


class Copy:
    """One copy for many tests: to begin from nothing takes long. The next finds it as it was left.

    Who needs it to run gets it running, and who needs it to rest gets it after a run.
    """

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self._product: Product | None = None

    def running(self) -> Product:
        if self._product is None or self._product.ended:
            self._product = Product(self.data_dir)
            self._product.wait_until_up()
        return self._product

    def resting(self) -> Path:
        """Its data directory, which nobody uses now."""
        if self._product is None:
            self.running()
        self.end()
        return self.data_dir

    def end(self) -> None:
        """Let nothing of it be left."""
        if self._product is not None:
            self._product.stop()
            for process in self._product.processes():
                process.kill()
