"""GET /queue/: the whole in numbers, and one's own tasks."""

from typing import Any

from django.contrib.auth.models import User
from rest_framework.test import APIClient

from experts.models import Expert
from experts.operations import create_expert
from queueing.models import ProcessingTask
from tests.api.conftest import AddFile


def test_it_counts_everybodys_and_lists_ones_own(
    api: APIClient, waiting_expert: Expert, add_file: AddFile, bob: User
) -> None:
    create_expert(owner=bob, name="Bob's", files=[add_file("Tea", owner=bob)], priority=5)
    body = api.get("/queue/").json()
    queue = body["queue"]
    assert (body["success"], queue["queued"], queue["processing"]) == (True, 2, 0)
    assert (queue["workers_online"], queue["paused"]) == (0, False)
    assert queue["oldest_wait_seconds"] >= 0
    [task] = queue["tasks"]
    assert (task["expert_id"], task["status"]) == (str(waiting_expert.pk), "queued")
    assert (task["position"], task["eta_seconds"]) == (2, None)


def test_it_says_what_became_of_ones_tasks(api: APIClient, expert: Expert) -> None:
    queue = api.get("/queue/").json()["queue"]
    assert (queue["queued"], queue["completed"]) == (0, 1)
    assert [(task["status"], task["position"]) for task in queue["tasks"]] == [("completed", None)]


def test_many_tasks_take_as_many_queries_as_one(
    api: APIClient, alice: User, django_assert_max_num_queries: Any
) -> None:
    ProcessingTask.objects.bulk_create(
        ProcessingTask(owner_id=str(alice.pk), task_type="test") for _ in range(30)
    )
    with django_assert_max_num_queries(14):
        queue = api.get("/queue/").json()["queue"]
    assert sorted(task["position"] for task in queue["tasks"]) == list(range(1, 31))
