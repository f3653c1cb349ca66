"""What the tests of the shell share: data directories of their own, and no process left behind."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.shell.processes import is_running, wait_until
from tests.shell.product import Copy, Product


@contextmanager
def directory() -> Iterator[Path]:
    """A short path, since it holds a socket; its server must be gone when the test is over."""
    path = Path(tempfile.mkdtemp(prefix="expertsite-test-")).resolve()
    path.chmod(0o755)  # PostgreSQL runs under another account when we are root
    yield path
    wait_until(lambda: not is_running(path))
    shutil.rmtree(path)


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """An empty data directory."""
    with directory() as path:
        yield path


@pytest.fixture
def external_dir() -> Iterator[Path]:
    """A second one, for a server that plays the one that DATABASE_URL names."""
    with directory() as path:
        yield path


@pytest.fixture(scope="session")
def copy() -> Iterator[Copy]:
    """A copy of the product, on a directory that was empty when the first test asked for it."""
    with directory() as path:
        copy = Copy(path)
        yield copy
        copy.end()


@pytest.fixture
def product(copy: Copy) -> Product:
    """The copy, running. It may be stopped, killed or left as it is."""
    return copy.running()


@pytest.fixture
def home(copy: Copy) -> Path:
    """The data directory of the copy, which has run and rests."""
    return copy.resting()
