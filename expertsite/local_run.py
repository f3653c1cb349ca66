"""The Procfile's web and worker on this machine: started, watched and stopped together."""

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from honcho.environ import parse_procfile
from honcho.manager import Manager
from honcho.printer import Message, Printer

NAMES = ("web", "worker")
HOST = "127.0.0.1"
STOPPING = {"WEB_GRACE_PERIOD": "2", "QUEUE_GRACE_PERIOD": "3"}  # s; honcho kills after 5


class EndedByItselfError(Exception):
    """Web or worker ended although nobody asked for it; the message says which, and its code."""


def check_port(port: int) -> None:
    """Raises OSError when nothing of ours can listen there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((HOST, port))


def run_together(procfile: Path, *, port: int, when_up: Callable[[], None]) -> None:
    """Run web and worker until SIGINT, SIGTERM or a closed terminal, then stop both.

    `when_up` is called, from a thread of its own, as soon as the web process answers.
    Raises EndedByItselfError.
    """
    screen = Screen(lambda: _call_when_up(port, when_up))
    manager = Manager(screen)
    commands = parse_procfile(procfile.read_text()).processes
    for name in NAMES:
        manager.add_process(name, commands[name], env=_environment(port), cwd=str(procfile.parent))
    signal.signal(signal.SIGHUP, _go_on_without_terminal)
    manager.loop()
    if not screen.was_asked_to_stop:
        raise EndedByItselfError(screen.ending)


class Screen(Printer):  # type: ignore[misc]  # honcho comes without types
    """Honcho's printer, which also notes that all have started, and why they came to an end."""

    ending = ""

    def __init__(self, when_started: Callable[[], None]) -> None:
        super().__init__(sys.stdout)
        self._when_started: Callable[[], None] | None = when_started

    @property
    def was_asked_to_stop(self) -> bool:
        return self.ending.endswith("received")

    def write(self, message: Message) -> None:
        if self._when_started:  # honcho forks all of them, and only then prints
            threading.Thread(target=self._when_started, daemon=True).start()
            self._when_started = None
        text = message.data.strip()
        if (
            message.name == "system"
            and not self.ending
            and (text.endswith("received") or " stopped " in text)
        ):
            self.ending = text
        super().write(message)


def _environment(port: int) -> dict[str, str]:
    """Ours, with the virtual environment's programs found first; on this machine only."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    ours = {"WEB_HOST": HOST, "PYTHONUNBUFFERED": "1", **STOPPING}
    if sys.stdout.isatty():
        ours["FORCE_COLOR"] = "1"
    return ours | os.environ | {"PATH": path, "PORT": str(port)}


def _call_when_up(port: int, when_up: Callable[[], None]) -> None:
    while not _answers(port):
        time.sleep(0.1)
    when_up()


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()


def _go_on_without_terminal(number: int, frame: Any) -> None:
    """The terminal was closed: nothing can be printed any more, and everything is to stop."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(nowhere, stream)
    os.kill(os.getpid(), signal.SIGTERM)
