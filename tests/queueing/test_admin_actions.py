"""Requeue, cancel and run next in the admin: asked for once more, done, and remembered."""

from unittest.mock import patch

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from queueing import enqueue, enqueue_many
from queueing.admin import acting
from queueing.models import ProcessingTask
from queueing.testing import drain

pytestmark = pytest.mark.django_db

LIST = reverse("admin:queueing_processingtask_changelist")


def ask(client: Client, action: str, *tasks: ProcessingTask, **fields: str) -> str:
    """Choose tasks in the list and an action, and be asked for confirmation."""
    chosen = {"action": action, "_selected_action": [str(task.pk) for task in tasks], **fields}
    return client.post(f"{LIST}{fields.pop('query', '')}", chosen, follow=True).content.decode()


def act(client: Client, action: str, *tasks: ProcessingTask, **fields: str) -> str:
    return ask(client, action, *tasks, confirmed="yes", **fields)


def test_nothing_is_done_before_it_is_confirmed(admin_client: Client) -> None:
    task = enqueue("hopeless")
    drain()
    page = ask(admin_client, "requeue", task, enqueue("echo"))
    assert "Requeue: 1 task?" in page
    assert "1 other is not in a state for that and stays as it is." in page
    assert f'name="_selected_action" value="{task.pk}"' in page
    assert ProcessingTask.objects.get(pk=task.pk).status == "failed"


def test_nothing_can_be_confirmed_where_nothing_is_possible(admin_client: Client) -> None:
    page = ask(admin_client, "requeue", enqueue("echo"))
    assert "None of them is in a state for that" in page
    assert 'name="confirmed"' not in page


def test_requeue_goes_into_the_history(admin_client: Client) -> None:
    task = enqueue("hopeless")
    drain()
    assert "1 task queued again" in act(admin_client, "requeue", task)
    assert ProcessingTask.objects.ready().filter(pk=task.pk).exists()
    history = reverse("admin:queueing_processingtask_history", args=[task.pk])
    assert "Queued again." in admin_client.get(history).content.decode()


def test_it_says_for_how_many_it_was_too_late(admin_client: Client) -> None:
    page = act(admin_client, "requeue", enqueue("echo"))
    assert "Not in a state for that: 1 task." in page
    assert not LogEntry.objects.exists()


def test_cancel_cancels(admin_client: Client) -> None:
    task = enqueue("echo")
    act(admin_client, "cancel", task)
    assert ProcessingTask.objects.get(pk=task.pk).status == "cancelled"


def test_run_next_keeps_the_order_of_those_chosen(admin_client: Client) -> None:
    _, second, third = enqueue("echo"), enqueue("echo"), enqueue("echo")
    act(admin_client, "run_next", second, third)
    assert ProcessingTask.objects.positions([second.pk, third.pk]) == {second.pk: 1, third.pk: 2}


def test_all_that_match_are_requeued_across_pages_but_no_others(admin_client: Client) -> None:
    failed = enqueue_many("hopeless", [{}] * 120)
    completed = enqueue("echo")
    drain()
    across = {"query": "?status=failed", "select_across": "1"}
    assert "Requeue: 120 tasks?" in ask(admin_client, "requeue", failed[0], **across)
    with patch.object(acting, "BATCH", 50):
        assert "120 tasks queued again" in act(admin_client, "requeue", failed[0], **across)
    assert ProcessingTask.objects.ready().count() == LogEntry.objects.count() == 120
    assert ProcessingTask.objects.get(pk=completed.pk).status == "completed"


def test_a_button_of_the_list_asks_for_all_that_match(admin_client: Client) -> None:
    enqueue("hopeless")
    drain()
    page = admin_client.get(LIST, {"status": "failed"}).content.decode()
    assert 'action="?status=failed" class="queueing-act"' in page
    assert "Requeue all that match" in page


def test_what_takes_too_long_is_done_in_parts(admin_client: Client) -> None:
    tasks = enqueue_many("echo", [{}] * 3)
    with patch.multiple(acting, BATCH=2), patch("queueing.admin.tasks.PATIENCE", 0):
        page = act(admin_client, "cancel", *tasks)
    assert "2 tasks cancelled" in page
    assert "There are more" in page
    assert "1 task cancelled" in act(admin_client, "cancel", *tasks)


def test_who_may_only_look_is_offered_no_action(client: Client, alice: User) -> None:
    alice.is_staff = True
    alice.save()
    alice.user_permissions.add(Permission.objects.get(codename="view_processingtask"))
    task = enqueue("echo")
    page = client.get(LIST).content.decode()
    assert str(task.pk) in page
    assert "queueing-act" not in page
    act(client, "cancel", task)
    assert ProcessingTask.objects.get(pk=task.pk).status == "queued"


def test_a_task_has_its_actions_on_its_own_page(admin_client: Client) -> None:
    task = enqueue("echo")
    page = admin_client.get(reverse("admin:queueing_processingtask_change", args=[task.pk]))
    assert "Run next</button>" in page.content.decode()
    assert "Cancel</button>" in page.content.decode()
