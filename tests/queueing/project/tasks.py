"""Handlers with every kind of behaviour. `gate` in a task's data is a file to wait for."""

import ctypes
import hashlib
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.db import connection

from queueing import PermanentError, RetryLater, handler, tally
from queueing.models import ProcessingTask

tally.MANY, tally.STRETCH = 10, 5  # the lines here are short: as long ones are, they are cut


@handler("echo")
def echo(task: ProcessingTask) -> Any:
    return task.task_data


@handler("patient")
def patient(task: ProcessingTask) -> None:
    """Waits for its gate, asking at every step whether it should go on."""
    while not Path(task.task_data["gate"]).exists():
        task.checkpoint()
        time.sleep(0.02)


@handler("deaf")
def deaf(task: ProcessingTask) -> None:
    """Waits for its gate and asks nobody."""
    while not Path(task.task_data["gate"]).exists():
        time.sleep(0.02)


@handler("endless", time_limit=timedelta(seconds=0.5))
def endless(task: ProcessingTask) -> None:
    """Sits in C code for as long as it likes."""
    time.sleep(600)


@handler("looping", time_limit=timedelta(seconds=0.5))
def looping(task: ProcessingTask) -> None:
    """Never ends, but in Python."""
    while True:
        time.sleep(0.01)


@handler("stalling", stall_limit=timedelta(seconds=0.5))
def stalling(task: ProcessingTask) -> None:
    task.checkpoint()
    while True:
        time.sleep(0.01)


@handler("failing")
def failing(task: ProcessingTask) -> None:
    raise ValueError(task.task_data.get("message", "It broke"))


class Panic(BaseException):
    """What no `except Exception` catches, as that of a library in Rust."""


@handler("panicking")
def panicking(task: ProcessingTask) -> None:
    raise Panic("It broke")


@handler("hopeless")
def hopeless(task: ProcessingTask) -> None:
    raise PermanentError("The file is broken")


@handler("postponing")
def postponing(task: ProcessingTask) -> None:
    if task.attempt == 1:
        raise RetryLater(30, "Paused by the vendor", counted=task.task_data.get("counted", False))


@handler("patient only", exclusive=True)
def patient_only(task: ProcessingTask) -> None:
    patient(task)


@handler("only", exclusive=True)
def only(task: ProcessingTask) -> Any:
    if task.task_data.get("is_broken"):
        raise PermanentError("It is broken")
    return task.task_data


# Under the fence: a task that was taken over, or that runs again, has no second effect.
EFFECT = """
INSERT INTO effects (task_id, attempt)
SELECT id, attempt FROM processing_queue
WHERE id = %s AND attempt = %s AND status = 'processing' FOR UPDATE
ON CONFLICT (task_id) DO UPDATE SET attempt = EXCLUDED.attempt
"""


@handler("effect")
def effect(task: ProcessingTask) -> None:
    """Takes `seconds`, tells its steps, and has one effect; `is_deaf` to what checkpoints say."""
    until = time.monotonic() + task.task_data["seconds"]
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            if not task.task_data.get("is_deaf"):
                task.checkpoint()
            cursor.execute("INSERT INTO steps VALUES (%s, %s)", [task.pk, task.attempt])
            time.sleep(0.05)
        cursor.execute(EFFECT, [task.pk, task.attempt])


@handler("effect only", exclusive=True)
def effect_only(task: ProcessingTask) -> None:
    effect(task)


@handler("hashing")
def hashing(task: ProcessingTask) -> None:
    """Sits in C code that lets other threads run."""
    hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 2**31 - 1)


@handler("reading")
def reading(task: ProcessingTask) -> None:
    """Waits for a server that never answers, as long as HTTP clients do."""
    ours, theirs = socket.socketpair()
    ours.settimeout(120)
    ours.recv(1)
    theirs.close()


@handler("hogging")
def hogging(task: ProcessingTask) -> None:
    """Sits in C code that lets no other thread run: a PyDLL keeps Python's lock in its calls."""
    ctypes.PyDLL(None).sleep(600)
