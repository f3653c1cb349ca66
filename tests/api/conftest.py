"""What the tests of the API share: files in Alice's library, and an expert that has read one."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User

from experts.models import Expert, SourceFile
from experts.operations import create_expert, upload_file
from queueing.testing import drain
from tests.documents import upload

COFFEE = (
    "Coffee for guests is deductible in full. Keep the receipt for seven years.\n\n"
    "Travel by train is deductible when the meeting was announced in writing."
)

AddFile = Callable[..., SourceFile]


@pytest.fixture
def add_file(alice: User) -> AddFile:
    """add_file("text", "name.txt"): a file in Alice's library, not read yet."""

    def add(content: str | bytes = COFFEE, name: str = "coffee.txt", owner: User = alice) -> Any:
        return upload_file(upload(content, name), owner=owner).file

    return add


@pytest.fixture
def waiting_expert(alice: User, add_file: AddFile) -> Expert:
    """An expert of Alice's whose file is not read yet."""
    return create_expert(owner=alice, name="Tax guide", files=[add_file()]).expert


@pytest.fixture
def expert(waiting_expert: Expert) -> Expert:
    """An expert of Alice's that can be talked to."""
    drain()
    waiting_expert.progress.refresh_from_db()
    return waiting_expert
