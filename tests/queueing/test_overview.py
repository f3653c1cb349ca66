"""The page that shows an operator the whole queue."""

import re
from datetime import timedelta

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from queueing import enqueue, enqueue_many
from queueing.models import ProcessingTask, Worker
from queueing.status import is_paused
from queueing.testing import drain
from queueing.throughput import last_hour

pytestmark = pytest.mark.django_db

OVERVIEW = reverse("admin:queueing_overview")
PAUSE, RESUME = reverse("admin:queueing_pause"), reverse("admin:queueing_resume")


def shown(client: Client) -> str:
    return client.get(OVERVIEW).content.decode()


def working(worker: Worker) -> ProcessingTask:
    """A task in this worker's hand."""
    task = enqueue("echo")
    soon = Now() + timedelta(minutes=1)
    changes = {"status": "processing", "worker_id": worker.pk, "lease_expires_at": soon}
    ProcessingTask.objects.filter(pk=task.pk).update(started_at=Now(), attempt=1, **changes)
    return task


def test_it_shows_how_many_tasks_there_are_and_who_has_waited_longest(admin_client: Client) -> None:
    enqueue_many("echo", [{}] * 1234)
    ProcessingTask.objects.update(queued_at=Now() - timedelta(seconds=77))
    page = shown(admin_client)
    assert '<span class="queueing-number">1,234</span>' in page
    assert re.search("7[78] s", page)


def test_it_says_that_no_worker_is_running(admin_client: Client) -> None:
    assert "No worker is running" in shown(admin_client)


def test_it_shows_what_each_worker_does(admin_client: Client) -> None:
    busy, _ = Worker.objects.create(host="there", pid=7), Worker.objects.create(host="here", pid=8)
    task = working(busy)
    page = shown(admin_client)
    assert "there:7" in page
    assert reverse("admin:queueing_processingtask_change", args=[task.pk]) in page
    assert page.count("idle") == 1


def test_the_last_hour_is_counted_by_minutes() -> None:
    enqueue_many("echo", [{}] * 3)
    enqueue("hopeless")
    drain()
    ProcessingTask.objects.filter(status="failed").update(
        completed_at=Now() - timedelta(minutes=5, seconds=30)
    )
    minutes = last_hour()
    assert (len(minutes), minutes[-1].completed, minutes[-6].failed) == (60, 3, 1)
    assert sum(minute.completed + minute.failed for minute in minutes) == 4


def test_the_chart_stacks_failed_on_completed(admin_client: Client) -> None:
    enqueue_many("echo", [{}] * 3)
    enqueue("hopeless")
    drain()
    page = shown(admin_client)
    assert "3 completed, 1 failed; at most 4 in a minute" in page
    assert 'class="queueing-completed" x="590" y="25.0" width="8" height="75.0"' in page
    assert 'class="queueing-failed" x="590" y="0.0" width="8" height="25.0"' in page


def test_pause_and_resume_are_remembered(admin_client: Client) -> None:
    assert "The queue is paused." in admin_client.post(PAUSE, follow=True).content.decode()
    assert is_paused()
    assert "Paused since" in shown(admin_client)
    admin_client.post(RESUME)
    assert not is_paused()
    said = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
    assert list(said) == ["The queue is paused.", "The queue goes on."]


def test_following_a_link_neither_pauses_nor_resumes(admin_client: Client) -> None:
    assert admin_client.get(PAUSE).status_code == 405
    assert not is_paused()


@pytest.mark.parametrize(("address", "method"), [(OVERVIEW, "get"), (PAUSE, "post")])
def test_it_is_for_operators_only(client: Client, alice: User, address: str, method: str) -> None:
    assert "login" in getattr(client, method)(address).headers["Location"]
    alice.is_staff = True
    alice.save()
    assert getattr(client, method)(address).status_code == 403
    assert not is_paused()


def test_it_asks_little_of_the_database(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    enqueue_many("echo", [{}] * 40)
    for pid in range(10):
        working(Worker.objects.create(host="there", pid=pid))
    with django_assert_max_num_queries(15):
        shown(admin_client)


@pytest.mark.parametrize("page", ["queueing_overview", "queueing_processingtask_changelist"])
def test_its_pages_need_nothing_that_a_strict_policy_forbids(
    admin_client: Client, page: str
) -> None:
    enqueue("echo")
    html = admin_client.get(reverse(f"admin:{page}")).content.decode()
    assert " style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]* src=)(?![^>]*application/json)[^>]*>", html)
    assert not re.search(r"\son[a-z]+=", html)


def test_the_queues_own_index_leads_there(admin_client: Client) -> None:
    index = reverse("admin:app_list", args=["queueing"])
    assert OVERVIEW in admin_client.get(index).content.decode()
