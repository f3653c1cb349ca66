"""What an operator sees and does in Django's admin."""

import subprocess
import sys
from datetime import timedelta
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from queueing import enqueue, enqueue_many, estimates
from queueing.models import ProcessingTask, Worker
from queueing.testing import drain
from tests.queueing.conftest import environment

pytestmark = pytest.mark.django_db

LIST = reverse("admin:queueing_processingtask_changelist")


def shown(client: Client, **parameters: str) -> str:
    return client.get(LIST, parameters).content.decode()


def test_the_list_shows_positions_in_constant_queries(
    admin_client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    enqueue_many("echo", [{}] * 40)
    with django_assert_max_num_queries(10):
        page = admin_client.get(LIST).content.decode()
    assert '<td class="field-position">40</td>' in page


def test_a_task_is_found_by_its_id_and_by_whom_it_is_for(admin_client: Client) -> None:
    enqueue("echo")
    task = enqueue("failing", owner_id="alice")
    for term in (str(task.pk), "alice"):
        page = admin_client.get(LIST, {"q": term}).content.decode()
        assert "1 processing task" in page or "1 task" in page
        assert str(task.pk) in page


def test_a_search_for_nonsense_finds_nothing(admin_client: Client) -> None:
    task = enqueue("echo")
    assert str(task.pk) not in admin_client.get(LIST, {"q": "nonsense"}).content.decode()


def test_a_subject_is_found_although_somebody_else_has_no_such_id(admin_client: Client) -> None:
    subject = uuid4()
    task = enqueue("echo", expert_id=subject)
    assert str(task.pk) in shown(admin_client, q=str(subject))


@pytest.mark.parametrize("status", ["queued", "ready"])
def test_filters_narrow_the_list(admin_client: Client, status: str) -> None:
    enqueue("hopeless")
    drain()
    waiting = enqueue("echo")
    page = shown(admin_client, status=status, task_type="echo")
    assert str(waiting.pk) in page
    assert "Failed</b>" not in page


def test_what_may_not_run_yet_is_a_filter_of_its_own(admin_client: Client) -> None:
    ready, delayed = enqueue("echo"), enqueue("echo", delay=60)
    page = shown(admin_client, status="delayed")
    assert str(delayed.pk) in page
    assert str(ready.pk) not in page


def test_a_status_has_its_colour_by_its_class_alone(admin_client: Client) -> None:
    enqueue("echo")
    page = shown(admin_client)
    assert '<b class="queueing-badge queueing-queued">Queued</b>' in page
    assert "queueing/admin.css" in page


def test_the_dates_lead_from_days_to_the_tasks_of_one(admin_client: Client) -> None:
    task = enqueue("echo")
    today = timezone.localdate(task.created_at)
    address = f"?created_at__day={today.day}&amp;created_at__month={today.month}"
    assert address in shown(admin_client)
    of_today = {"created_at__year": str(today.year), "created_at__month": str(today.month)}
    assert str(task.pk) in shown(admin_client, **of_today, created_at__day=str(today.day))
    assert str(task.pk) not in shown(admin_client, created_at__year=str(today.year - 1))


@pytest.mark.parametrize("year", ["9999", "0", "soon"])
def test_a_year_that_is_none_leads_back_to_the_list(admin_client: Client, year: str) -> None:
    page = admin_client.get(LIST, {"created_at__year": year})
    assert (page.status_code, page.headers["Location"]) == (302, f"{LIST}?e=1")


def test_very_many_are_not_counted_for_each_page(admin_client: Client) -> None:
    enqueue_many("echo", [{}] * 30)
    with patch.object(estimates.count, "__kwdefaults__", {"exact_up_to": 10}):
        assert estimates.count(ProcessingTask.objects.all()).is_exact is False
        assert str(ProcessingTask.objects.latest("pk").pk) in shown(admin_client)


def test_a_task_shows_its_attempts_and_cannot_be_edited(admin_client: Client) -> None:
    task = enqueue("failing")
    drain()
    page = admin_client.get(reverse("admin:queueing_processingtask_change", args=[task.pk]))
    assert "raise ValueError" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


def test_a_task_links_to_all_about_its_subject(admin_client: Client) -> None:
    task = enqueue("echo", expert_id=uuid4())
    assert f'href="{LIST}?q={task.expert_id}"' in shown(admin_client)


@pytest.mark.parametrize(
    ("worker", "state"),
    [
        ({}, "Online"),
        ({"stopped_at": Now()}, "Stopped"),
        ({"seen_at": Now() - timedelta(minutes=1)}, "Not heard of"),
    ],
)
def test_a_worker_is_shown_as_what_it_is(
    admin_client: Client, worker: dict[str, Any], state: str
) -> None:
    Worker.objects.create(host="there", pid=7, **worker)
    page = admin_client.get(reverse("admin:queueing_worker_changelist")).content.decode()
    assert f"{state}</b>" in page


def test_another_project_needs_nothing_of_ours_to_show_it() -> None:
    checked = subprocess.run(
        [sys.executable, "-W", "error", "-m", "django", "check"],
        env=environment("admin_settings"),
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stderr


def test_workers_are_listed(admin_client: Client) -> None:
    Worker.objects.create(host="there", pid=7)
    page = admin_client.get(reverse("admin:queueing_worker_changelist"))
    assert "there" in page.content.decode()


def test_tasks_are_neither_added_nor_deleted_by_hand(admin_client: Client) -> None:
    task = enqueue("echo")
    assert admin_client.get(reverse("admin:queueing_processingtask_add")).status_code == 403
    delete = reverse("admin:queueing_processingtask_delete", args=[task.pk])
    assert admin_client.post(delete).status_code == 403
