"""A file that could not be read is read again, and whoever waits for it gets it."""

from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from experts.extraction.limits import Limits
from experts.models import Expert, SourceFile
from experts.progress import progress_of
from queueing.testing import drain
from tests.processing.conftest import MakeExpert

pytestmark = pytest.mark.django_db(transaction=True)

READING = "experts.extraction.extraction.limits_of"


def no_time(path: Path, media_type: str) -> Limits:
    return Limits(seconds=0, seconds_per_page=0)


@pytest.fixture
def failed(expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch) -> Expert:
    """An expert whose only file took too long, on a machine that had no time."""
    expert = expert_of("Deduct the coffee.")
    with monkeypatch.context() as patch:
        patch.setattr(READING, no_time)
        drain()
    return expert


def test_what_failed_is_read_again_for_the_experts_that_chose_it(failed: Expert) -> None:
    file = SourceFile.objects.get()
    assert (file.status, file.error_code) == ("failed", "timed_out")
    assert progress_of(failed)["status"] == "failed"
    client = APIClient()
    client.force_authenticate(failed.owner)
    answer = client.post(f"/files/{file.pk}/retry/").json()
    assert (answer["file"]["status"], answer["file"]["error_message"]) == ("pending", "")
    assert progress_of(failed)["stage"] == "queued"
    drain()
    file.refresh_from_db()
    assert (file.status, file.pages, file.passages.count()) == ("ready", 1, 1)
    assert progress_of(failed)["status"] == "completed"


def test_it_fails_again_with_its_reason_while_nothing_changed(
    failed: Expert, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = SourceFile.objects.get()
    client = APIClient()
    client.force_authenticate(failed.owner)
    client.post(f"/files/{file.pk}/retry/")
    monkeypatch.setattr(READING, no_time)
    drain()
    file.refresh_from_db()
    assert (file.status, file.error_code) == ("failed", "timed_out")
    assert client.post(f"/files/{file.pk}/retry/").status_code == 200


def test_the_button_reads_again_too(failed: Expert) -> None:
    browser = Client()
    browser.force_login(failed.owner)
    file = SourceFile.objects.get()
    page = browser.get("/dashboard/files/").content.decode()
    assert f'formaction="/dashboard/files/{file.pk}/retry/"' in page
    browser.post(f"/dashboard/files/{file.pk}/retry/")
    drain()
    assert progress_of(failed)["status"] == "completed"


def test_nobody_elses_file_is_read_again(failed: Expert, bob: User) -> None:
    client = APIClient()
    client.force_authenticate(bob)
    assert client.post(f"/files/{SourceFile.objects.get().pk}/retry/").status_code == 404
    assert SourceFile.objects.get().status == "failed"
