"""Experts, files and conversations as an operator sees them in the admin."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experts.models import Conversation, Expert, SourceFile
from experts.operations import create_expert, upload_file
from experts.progress import progress_of
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import upload
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

EXPERTS = "/admin/experts/expert/"
FILES = "/admin/experts/sourcefile/"


@pytest.fixture
def operator(db: None) -> Client:
    browser = Client()
    browser.force_login(UserFactory(username="olga", is_staff=True, is_superuser=True))
    return browser


@pytest.fixture
def expert(alice: User) -> Expert:
    file = upload_file(upload("Deduct the coffee."), owner=alice).file
    return create_expert(owner=alice, name="Barista", files=[file]).expert


def act(operator: Client, address: str, action: str, rows: Sequence[Any]) -> str:
    chosen = {"action": action, "_selected_action": [str(row.pk) for row in rows]}
    answer = operator.post(address, chosen | {"post": "yes"}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("address", [EXPERTS, FILES, "/admin/experts/conversation/"])
def test_lists_open_and_can_be_searched(operator: Client, expert: Expert, address: str) -> None:
    assert operator.get(address).status_code == 200
    assert operator.get(address, {"q": "bar"}).status_code == 200


def test_one_expert_shows_its_files_and_its_task(operator: Client, expert: Expert) -> None:
    page = operator.get(f"{EXPERTS}{expert.pk}/change/").content.decode()
    assert expert.files.get().name in page
    task = ProcessingTask.objects.get()
    assert f"/admin/queueing/processingtask/{task.pk}/change/" in page


def test_one_file_and_one_conversation_open(operator: Client, expert: Expert, alice: User) -> None:
    talk = Conversation.objects.create(expert=expert, user=alice, title="About coffee")
    assert operator.get(f"{FILES}{expert.files.get().pk}/change/").status_code == 200
    assert operator.get(f"/admin/experts/conversation/{talk.pk}/change/").status_code == 200


def test_cancel_takes_an_expert_out_of_the_line(operator: Client, expert: Expert) -> None:
    act(operator, EXPERTS, "cancel_selected", [expert])
    assert progress_of(expert)["status"] == "cancelled"
    assert "nothing to cancel" in act(operator, EXPERTS, "cancel_selected", [expert])


def test_requeue_processes_it_once_more(operator: Client, expert: Expert) -> None:
    act(operator, EXPERTS, "cancel_selected", [expert])
    act(operator, EXPERTS, "reprocess_selected", [expert])
    drain()
    assert progress_of(expert)["status"] == "completed"


def test_a_failed_file_is_read_again_and_a_good_one_is_not(
    operator: Client, expert: Expert, alice: User
) -> None:
    bad = upload_file(upload(b"%PDF-1.4 no PDF"), owner=alice).file
    SourceFile.objects.filter(pk=bad.pk).update(status="failed")
    said = act(operator, FILES, "retry_selected", [bad, expert.files.get()])
    bad.refresh_from_db()
    assert bad.status == "pending"
    assert "Only a file that could not be read" in said


def test_deleting_goes_the_way_of_the_product(operator: Client, expert: Expert) -> None:
    """Not only the row goes: the waiting task is cancelled, the object is queued for removal."""
    file = expert.files.get()
    act(operator, EXPERTS, "delete_selected", [expert])
    operator.post(f"{FILES}{file.pk}/delete/", {"post": "yes"})
    assert not Expert.objects.exists()
    assert not SourceFile.objects.exists()
    states = dict(ProcessingTask.objects.values_list("task_type", "status"))
    assert states == {"file_processing": "cancelled", "remove_stored": "queued"}


def test_people_who_are_no_operators_stay_out(client: Client) -> None:
    assert client.get(EXPERTS).status_code == 302
