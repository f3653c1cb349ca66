"""Experts: listed, looked at, changed, deleted."""

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from experts.models import Expert, SourceFile
from queueing.models import ProcessingTask
from tests.api.conftest import AddFile
from tests.factories import ExpertFactory
from tests.pictures import picture


def test_an_expert_shows_its_files_and_its_progress(api: APIClient, expert: Expert) -> None:
    body = api.get(f"/experts/{expert.pk}/").json()
    assert body["success"]
    shown = body["expert"]
    assert (shown["id"], shown["name"], shown["avatar"]) == (str(expert.pk), "Tax guide", None)
    assert [(file["name"], file["status"]) for file in shown["files"]] == [("coffee.txt", "ready")]
    assert (shown["progress"]["status"], shown["progress"]["progress_percentage"]) == (
        "completed",
        100,
    )


def test_files_stand_in_their_order_and_each_once(
    api: APIClient, alice: Any, add_file: AddFile
) -> None:
    first, second = add_file("Tea", "tea.txt"), add_file("Coffee", "coffee.txt")
    ExpertFactory(owner=alice, files=[second, first])
    expert = ExpertFactory(owner=alice, files=[first, second])
    files = api.get(f"/experts/{expert.pk}/").json()["expert"]["files"]
    assert [file["name"] for file in files] == ["tea.txt", "coffee.txt"]


def test_the_list_shows_the_newest_first(api: APIClient, alice: Any) -> None:
    ExpertFactory(owner=alice, name="Old")
    ExpertFactory(owner=alice, name="New")
    ExpertFactory(name="A stranger's")
    body = api.get("/experts/").json()
    assert (body["success"], body["count"]) == (True, 2)
    assert [expert["name"] for expert in body["results"]] == ["New", "Old"]
    assert {expert["progress"]["stage"] for expert in body["results"]} == {"queued"}


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    api: APIClient, alice: Any, django_assert_max_num_queries: Any
) -> None:
    ExpertFactory.create_batch(6, owner=alice)
    with django_assert_max_num_queries(12):
        api.get("/experts/")


def test_it_changes_what_it_is_told_to(api: APIClient, expert: Expert) -> None:
    change = {"name": "Guide 2", "persona": "Patient."}
    shown = api.patch(f"/experts/{expert.pk}/", change, format="json").json()["expert"]
    expert.refresh_from_db()
    assert (shown["name"], expert.name, expert.persona) == ("Guide 2", "Guide 2", "Patient.")
    assert shown["language"] == "en"


def test_it_changes_its_picture(api: APIClient, expert: Expert) -> None:
    form = {"avatar": SimpleUploadedFile("me.jpg", picture("JPEG"))}
    shown = api.patch(f"/experts/{expert.pk}/", form, format="multipart").json()["expert"]
    response = api.get(shown["avatar"])
    assert response["Content-Type"] == "image/webp"
    removed = api.patch(f"/experts/{expert.pk}/", {"avatar": None}, format="json").json()["expert"]
    assert removed["avatar"] is None
    assert api.get(shown["avatar"]).status_code == 404
    response.close()


@pytest.mark.parametrize("change", [{"name": ""}, {"name": [1]}, {"description": "x" * 1001}])
def test_a_wrong_change_changes_nothing(
    api: APIClient, expert: Expert, change: dict[str, Any]
) -> None:
    response = api.patch(f"/experts/{expert.pk}/", {"persona": "New.", **change}, format="json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, list(change))
    expert.refresh_from_db()
    assert expert.persona == ""


def test_without_a_picture_there_is_none_to_see(api: APIClient, expert: Expert) -> None:
    assert api.get(f"/experts/{expert.pk}/avatar/").status_code == 404


def test_deleting_leaves_the_files(api: APIClient, waiting_expert: Expert) -> None:
    assert api.delete(f"/experts/{waiting_expert.pk}/").json() == {"success": True}
    assert api.get(f"/experts/{waiting_expert.pk}/").status_code == 404
    assert SourceFile.objects.count() == 1
    assert ProcessingTask.objects.get(expert_id=waiting_expert.pk).status == "cancelled"


def test_more_files_join_behind_the_others(
    api: APIClient, expert: Expert, add_file: AddFile
) -> None:
    more = add_file("Tea is green.", "tea.txt")
    body = {"selected_files": [str(more.pk)]}
    answer = api.post(f"/experts/{expert.pk}/files/", body, format="json").json()
    assert answer["file_processing"]["files_selected"] == 2
    assert (answer["file_processing"]["queued"], answer["file_processing"]["queue_position"]) == (
        True,
        1,
    )
    assert list(expert.ordered_files())[-1] == more


@pytest.mark.parametrize("where", ["body", "query"])
def test_files_are_taken_out(api: APIClient, expert: Expert, add_file: AddFile, where: str) -> None:
    more = add_file("Tea is green.", "tea.txt")
    address = f"/experts/{expert.pk}/files/"
    api.post(address, {"selected_files": [str(more.pk)]}, format="json")
    if where == "body":
        answer = api.delete(address, {"selected_files": [str(more.pk)]}, format="json")
    else:
        answer = api.delete(f"{address}?selected_files={more.pk}")
    assert [file["name"] for file in answer.json()["expert"]["files"]] == ["coffee.txt"]


def test_the_last_file_stays(api: APIClient, expert: Expert) -> None:
    body = {"selected_files": [str(expert.files.get().pk)]}
    response = api.delete(f"/experts/{expert.pk}/files/", body, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "empty_selection")
    assert expert.files.count() == 1


@pytest.mark.parametrize("method", ["post", "delete"])
@pytest.mark.parametrize("ids", [[], ["x"], None, [str(uuid.UUID(int=7))]])
def test_a_wrong_selection_is_named(
    api: APIClient, expert: Expert, method: str, ids: list[str] | None
) -> None:
    call = getattr(api, method)
    response = call(f"/experts/{expert.pk}/files/", {"selected_files": ids}, format="json")
    assert response.status_code == 400
    assert list(response.json()["error"]["fields"]) == ["selected_files"]
