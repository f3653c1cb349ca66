"""What the tests of the shell share: a data directory of their own, and no process left behind."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.shell.processes import is_running, wait_until


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A short path, since it holds a socket; its server must be gone when the test is over."""
    with tempfile.TemporaryDirectory(prefix="expertsite-test-") as directory:
        path = Path(directory).resolve()
        path.chmod(0o755)  # PostgreSQL runs under another account when we are root
        yield path
        wait_until(lambda: not is_running(path))


@pytest.fixture
def external_dir() -> Iterator[Path]:
    """A second data directory, for a server that plays the one that DATABASE_URL names."""
    path = Path(tempfile.mkdtemp(prefix="expertsite-test-")).resolve()
    path.chmod(0o755)
    yield path
    wait_until(lambda: not is_running(path))
    shutil.rmtree(path)
