"""Making experts the way people do: upload, create, let the queue run."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User

from experts.models import Expert
from experts.operations import create_expert, upload_file
from tests.documents import upload

MakeExpert = Callable[..., Expert]


@pytest.fixture
def expert_of(alice: User) -> MakeExpert:
    """expert_of(b"…", "…"): Alice's expert on files of these contents, not processed yet."""

    def make(*contents: bytes | str) -> Expert:
        files = [
            upload_file(upload(content, f"file-{number}"), owner=alice).file
            for number, content in enumerate(contents)
        ]
        return create_expert(owner=alice, name="Barista", files=files).expert

    return make
