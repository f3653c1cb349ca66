"""What the tests say to `manage.py reconcile`, and what it leaves."""

import io
import os
import time
from typing import Any
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command

from queueing.testing import drain

LONG_GONE = UUID("0189f3a2-7c1e-7d3a-9b52-6f0c8d1e4a77")  # of version 7, made in August 2023


def reconcile(**options: Any) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = io.StringIO()
    try:
        call_command("reconcile", stdout=out, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def found() -> str:
    code, said = reconcile()
    assert code == 1, said
    return said


def mended() -> None:
    """Repairing leaves nothing to find."""
    assert reconcile(repair=True)[0] == 0
    drain()
    assert reconcile()[0] == 0


def old_object(name: str) -> str:
    name = default_storage.save(name, ContentFile(b"left over"))
    os.utime(default_storage.path(name), (time.time() - 7200,) * 2)
    return name
