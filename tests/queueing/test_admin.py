"""What an operator sees and does in Django's admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from queueing import enqueue, enqueue_many
from queueing.models import ProcessingTask, Worker
from queueing.testing import drain

pytestmark = pytest.mark.django_db

LIST = reverse("admin:queueing_processingtask_changelist")


def act(client: Client, action: str, task: ProcessingTask) -> str:
    chosen = {"action": action, "_selected_action": [str(task.pk)]}
    return client.post(LIST, chosen, follow=True).content.decode()


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


def test_filters_narrow_the_list(admin_client: Client) -> None:
    enqueue("hopeless")
    drain()
    waiting = enqueue("echo")
    page = admin_client.get(LIST, {"status__exact": "queued", "task_type": "echo"})
    assert str(waiting.pk) in page.content.decode()
    assert "failed</b>" not in page.content.decode()


def test_a_task_shows_its_attempts_and_cannot_be_edited(admin_client: Client) -> None:
    task = enqueue("failing")
    drain()
    page = admin_client.get(reverse("admin:queueing_processingtask_change", args=[task.pk]))
    assert "raise ValueError" in page.content.decode()
    assert 'name="_save"' not in page.content.decode()


def test_requeue_goes_into_the_history(admin_client: Client) -> None:
    task = enqueue("hopeless")
    drain()
    assert "1 tasks queued again" in act(admin_client, "requeue", task)
    assert ProcessingTask.objects.ready().filter(pk=task.pk).exists()
    assert LogEntry.objects.get().object_id == str(task.pk)


def test_requeue_says_for_how_many_it_was_not_possible(admin_client: Client) -> None:
    page = act(admin_client, "requeue", enqueue("echo"))
    assert "1 tasks were not in a state for that" in page


def test_cancel_and_run_next(admin_client: Client) -> None:
    enqueue("echo")
    task = enqueue("echo")
    act(admin_client, "run_next", task)
    assert ProcessingTask.objects.positions([task.pk]) == {task.pk: 1}
    act(admin_client, "cancel", task)
    assert ProcessingTask.objects.get(pk=task.pk).status == "cancelled"


def test_workers_are_listed(admin_client: Client) -> None:
    Worker.objects.create(host="there", pid=7)
    page = admin_client.get(reverse("admin:queueing_worker_changelist"))
    assert "there" in page.content.decode()


def test_tasks_are_neither_added_nor_deleted_by_hand(admin_client: Client) -> None:
    task = enqueue("echo")
    assert admin_client.get(reverse("admin:queueing_processingtask_add")).status_code == 403
    delete = reverse("admin:queueing_processingtask_delete", args=[task.pk])
    assert admin_client.post(delete).status_code == 403
