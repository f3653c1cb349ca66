"""Watching and steering an expert's processing."""

from rest_framework.test import APIClient

from experts.api.serializers.progress import DetailsSerializer, ProgressSerializer
from experts.ingestion.report import COUNTERS
from experts.models import Expert
from queueing.models import ProcessingTask
from queueing.testing import drain


def test_progress_of_a_waiting_expert(api: APIClient, waiting_expert: Expert) -> None:
    body = api.get(f"/experts/{waiting_expert.pk}/progress/").json()
    task = ProcessingTask.objects.get(expert_id=waiting_expert.pk)
    assert body["success"]
    assert {key: body["progress"][key] for key in list(body["progress"])[:6]} == {
        "stage": "queued",
        "status": "pending",
        "queue_position": 1,
        "task_id": str(task.pk),
        "progress_percentage": 0,
        "details": {"message": "Waiting in queue for processing"},
    }
    assert body["progress"]["worker_online"] is False


def test_the_document_describes_all_that_is_there(api: APIClient, waiting_expert: Expert) -> None:
    address = f"/experts/{waiting_expert.pk}/progress/"
    assert api.get(address).json()["progress"].keys() == ProgressSerializer().fields.keys()
    assert set(COUNTERS) < DetailsSerializer().fields.keys()


def test_it_says_nothing_new_until_there_is(api: APIClient, waiting_expert: Expert) -> None:
    address = f"/experts/{waiting_expert.pk}/progress/"
    etag = api.get(address)["ETag"]
    unchanged = api.get(address, headers={"If-None-Match": etag})
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", etag)
    drain()
    changed = api.get(address, headers={"If-None-Match": etag})
    assert (changed.status_code, changed.json()["progress"]["status"]) == (200, "completed")
    assert changed["ETag"] != etag


def test_a_waiting_expert_is_cancelled_at_once(api: APIClient, waiting_expert: Expert) -> None:
    body = api.post(f"/experts/{waiting_expert.pk}/cancel/").json()
    assert (body["success"], body["progress"]["status"]) == (True, "cancelled")
    assert drain() == []


def test_what_does_not_run_cannot_be_cancelled(api: APIClient, expert: Expert) -> None:
    response = api.post(f"/experts/{expert.pk}/cancel/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_processing")


def test_a_cancelled_expert_is_processed_after_all(api: APIClient, waiting_expert: Expert) -> None:
    api.post(f"/experts/{waiting_expert.pk}/cancel/")
    body = api.post(f"/experts/{waiting_expert.pk}/reprocess/").json()
    assert body["success"]
    assert (body["file_processing"]["files_selected"], body["file_processing"]["queued"]) == (
        1,
        True,
    )
    assert body["file_processing"]["queue_position"] == 1
    drain()
    progress = api.get(f"/experts/{waiting_expert.pk}/progress/").json()["progress"]
    assert progress["status"] == "completed"


def test_events_need_a_server_that_can_hold_them(api: APIClient, expert: Expert) -> None:
    response = api.get(f"/experts/{expert.pk}/events/")
    assert (response.status_code, response.json()["error"]["code"]) == (406, "events_unavailable")
    assert response["Content-Type"] == "application/json"
