"""Trials share one scratch server and never run beside each other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.plugin import DjangoDbBlocker

from tests.queueing.trials.server import EMPTY, ScratchServer, scratch_server
from tests.queueing.trials.workforce import Workforce


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("trials"))


@pytest.fixture(scope="session")
def _server() -> Iterator[ScratchServer]:
    with scratch_server() as server:
        yield server


@pytest.fixture
def server(_server: ScratchServer, django_db_blocker: DjangoDbBlocker) -> Iterator[ScratchServer]:
    """The scratch server, running and empty, and this process's queue on it."""
    if not _server.cluster.postmaster():
        _server.cluster.start()
    _server.sql(EMPTY)
    with django_db_blocker.unblock(), _server.used_here():
        yield _server


@pytest.fixture
def workforce(server: ScratchServer, tmp_path: Path) -> Iterator[Workforce]:
    workforce = Workforce(server, tmp_path)
    yield workforce
    workforce.end()
