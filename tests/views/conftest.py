"""What the tests of pages share: a file in Alice's library, and an expert of hers."""

from typing import Any

import pytest
from django.contrib.auth.models import User

from experts.models import Expert, ExpertProcessingProgress, SourceFile, SourcePage
from tests.factories import ExpertFactory, SourceFileFactory


@pytest.fixture
def file(alice: User) -> SourceFile:
    """A file of two pages that has been read."""
    file = SourceFileFactory(owner=alice, name="guide.txt", status="ready", pages=2)
    for number in (1, 2):
        SourcePage.objects.create(
            source_file=file, number=number, location=f"Page {number}", text=f"Text {number}."
        )
    return file


@pytest.fixture
def expert(alice: User, file: SourceFile) -> Expert:
    """An expert that can be talked to."""
    return ExpertFactory(owner=alice, name="Tax guide", files=[file], ready=True)


@pytest.fixture
def waiting_expert(alice: User, file: SourceFile) -> Expert:
    return ExpertFactory(owner=alice, name="Barista", files=[file])


def show(expert: Expert, **progress: Any) -> None:
    """Let an expert's progress be this."""
    ExpertProcessingProgress.objects.filter(expert=expert).update(**progress)
