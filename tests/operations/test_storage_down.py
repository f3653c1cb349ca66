"""A storage that takes nothing costs nobody what they typed, and leaves nothing half made."""

import errno
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from experts.models import Expert, SourceFile
from experts.operations import Refused, create_expert, update_expert
from queueing.models import ProcessingTask
from tests.documents import upload
from tests.factories import ExpertFactory, SourceFileFactory
from tests.pictures import picture
from tests.views.html import text

pytestmark = pytest.mark.django_db

FULL = "The storage failed: No space left on device."


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*args: Any) -> str:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(FileSystemStorage, "_save", fail)


@pytest.fixture
def stored(alice: User) -> SourceFile:
    return SourceFileFactory(owner=alice)


def face() -> SimpleUploadedFile:
    return SimpleUploadedFile("face.png", picture())


def test_an_upload_is_refused_with_the_reason(full: None, api: APIClient) -> None:
    answer = api.post("/files/", {"file": upload("Deduct the coffee.")})
    assert answer.json()["files"][0]["error"]["code"] == "storage_unavailable"
    assert not SourceFile.objects.exists()


def test_the_form_keeps_what_was_typed(full: None, client: Client) -> None:
    form = {"name": "Tax", "language": "en", "persona": "Patient.", "idempotency_key": "a"}
    page = client.post("/dashboard/experts/new/", form | {"new_files": [upload("Coffee.")]})
    assert page.status_code == 422
    assert FULL in text(page, "#id_selected_files")
    assert text(page, "#id_persona") == "Patient."


def test_a_picture_that_cannot_be_kept_makes_no_expert(
    stored: SourceFile, full: None, alice: User
) -> None:
    with pytest.raises(Refused, match="No space left") as refused:
        create_expert(owner=alice, name="Tax", files=[stored], avatar=face())
    assert "avatar" in refused.value.fields
    assert not Expert.objects.exists()
    assert not ProcessingTask.objects.exists()


def test_a_change_whose_picture_cannot_be_kept_changes_nothing(alice: User, full: None) -> None:
    expert = ExpertFactory(owner=alice, name="Before")
    with pytest.raises(Refused):
        update_expert(expert, name="After", avatar=face())
    expert.refresh_from_db()
    assert expert.name == "Before"
