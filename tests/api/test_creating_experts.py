"""POST /experts/: at once, with a place in the line, or not at all and with a reason."""

import json
import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.response import Response
from rest_framework.test import APIClient

from experts.models import Expert
from queueing.models import ProcessingTask
from tests.api.conftest import AddFile
from tests.factories import SourceFileFactory
from tests.pictures import picture


def create(api: APIClient, **body: Any) -> Response:
    return api.post("/experts/", {"name": "Tax guide"} | body, format="json")


def test_it_answers_at_once_with_a_place_in_the_line(api: APIClient, add_file: AddFile) -> None:
    create(api, selected_files=[str(add_file("Tea").pk)])
    response = create(api, selected_files=[str(add_file().pk)])
    assert response.status_code == 201
    expert = Expert.objects.latest("created_at")
    task = ProcessingTask.objects.get(expert_id=expert.pk)
    assert response.json() == {
        "success": True,
        "expert": {"id": str(expert.pk), "name": "Tax guide", "agent_id": expert.agent_id},
        "file_processing": {
            "files_selected": 1,
            "queued": True,
            "queue_position": 2,
            "task_id": str(task.pk),
        },
    }


def test_a_form_does_as_well(api: APIClient, add_file: AddFile) -> None:
    form = {
        "name": "Tax guide",
        "persona": "Exact.",
        "selected_files": [str(add_file().pk), str(add_file("Tea").pk)],
        "avatar": SimpleUploadedFile("me.png", picture("PNG")),
    }
    body = api.post("/experts/", form, format="multipart").json()
    assert body["file_processing"]["files_selected"] == 2
    detail = api.get(f"/experts/{body['expert']['id']}/").json()["expert"]
    assert detail["persona"] == "Exact."
    assert b"".join(api.get(detail["avatar"]).streaming_content).startswith(b"RIFF")


def test_a_form_may_hold_the_ids_as_one_json_list(api: APIClient, add_file: AddFile) -> None:
    ids = json.dumps([str(add_file().pk), str(add_file("Tea").pk)])
    response = api.post("/experts/", {"name": "Guide", "selected_files": ids}, format="multipart")
    assert response.json()["file_processing"]["files_selected"] == 2


def test_a_file_selected_twice_counts_once(api: APIClient, add_file: AddFile) -> None:
    file = str(add_file().pk)
    assert create(api, selected_files=[file, file]).json()["file_processing"]["files_selected"] == 1


def test_the_same_key_gives_the_same_expert(api: APIClient, add_file: AddFile) -> None:
    body = {"name": "Tax guide", "selected_files": [str(add_file().pk)]}
    first, second = (
        api.post("/experts/", body, format="json", headers={"Idempotency-Key": "abc"})
        for _ in range(2)
    )
    assert first.json() == second.json()
    assert Expert.objects.count() == 1


def test_a_key_has_an_end(api: APIClient, add_file: AddFile) -> None:
    body = {"name": "Tax guide", "selected_files": [str(add_file().pk)]}
    response = api.post("/experts/", body, format="json", headers={"Idempotency-Key": "k" * 201})
    assert response.json()["error"]["code"] == "invalid_idempotency_key"


def test_a_strangers_file_is_like_a_missing_one(api: APIClient) -> None:
    strangers, missing = SourceFileFactory().pk, uuid.uuid4()
    refusals = [create(api, selected_files=[str(pk)]) for pk in (strangers, missing)]
    assert [refusal.status_code for refusal in refusals] == [400, 400]
    first, second = (refusal.json()["error"] for refusal in refusals)
    assert first["code"] == second["code"] == "unknown_file"
    assert first["message"] == second["message"]
    assert not Expert.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": None}, "name"),
        ({"name": ["a"]}, "name"),
        ({"name": {"a": 1}}, "name"),
        ({"name": True}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"persona": "a\u0000b"}, "persona"),
        ({"persona": "x" * 8001}, "persona"),
        ({"language": "x" * 13}, "language"),
        ({"voice_id": ["a"]}, "voice_id"),
        ({"priority": "high"}, "priority"),
        ({"priority": 10**30}, "priority"),
        ({"priority": None}, "priority"),
        ({"avatar": "face.png"}, "avatar"),
        ({"selected_files": []}, "selected_files"),
        ({"selected_files": None}, "selected_files"),
        ({"selected_files": "abc"}, "selected_files"),
        ({"selected_files": ["abc"]}, "selected_files"),
        ({"selected_files": [-1]}, "selected_files"),
        ({"selected_files": [10**50]}, "selected_files"),
        ({"selected_files": [[]]}, "selected_files"),
        ({"selected_files": [{}]}, "selected_files"),
        ({"selected_files": ["\u0000"]}, "selected_files"),
        ({"selected_files": {}}, "selected_files"),
        ({"selected_files": ["["]}, "selected_files"),
        ({"selected_files": ["[" * 5000]}, "selected_files"),
        ({"selected_files": [str(uuid.UUID(int=1))] * 1001}, "selected_files"),
    ],
)
def test_a_wrong_input_is_named(
    api: APIClient, add_file: AddFile, change: dict[str, Any], field: str
) -> None:
    response = create(api, **{"selected_files": [str(add_file().pk)]} | change)
    error = response.json()["error"]
    assert (response.status_code, error["code"]) == (400, "invalid")
    assert list(error["fields"]) == [field]
    assert error["fields"][field] in error["message"]
    assert not Expert.objects.exists()


def test_what_is_missing_is_named(api: APIClient) -> None:
    error = api.post("/experts/", {}, format="json").json()["error"]
    assert set(error["fields"]) == {"name", "selected_files"}


def test_a_lone_surrogate_is_refused(api: APIClient, add_file: AddFile) -> None:
    body = json.dumps({"name": "\ud800", "selected_files": [str(add_file().pk)]})
    response = api.post("/experts/", body, content_type="application/json")
    assert (response.status_code, list(response.json()["error"]["fields"])) == (400, ["name"])


def test_a_number_may_be_a_name(api: APIClient, add_file: AddFile) -> None:
    response = create(api, name=42, selected_files=[str(add_file().pk)])
    assert response.json()["expert"]["name"] == "42"


@pytest.mark.parametrize("content", [b"no picture", picture("PNG")[:60]], ids=["text", "cut"])
def test_a_broken_avatar_is_refused_and_nothing_is_half_done(
    api: APIClient, add_file: AddFile, content: bytes
) -> None:
    form = {
        "name": "Guide",
        "selected_files": [str(add_file().pk)],
        "avatar": SimpleUploadedFile("me.png", content),
    }
    response = api.post("/experts/", form, format="multipart")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "invalid_avatar")
    assert not Expert.objects.exists()
    assert not ProcessingTask.objects.exists()
