"""A healthy worker: what it runs, when it looks, and when it ends."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from django.db import connection, transaction

from queueing import enqueue, enqueue_many
from queueing.models import Pause, ProcessingTask, Worker
from tests.queueing.conftest import WorkerProcess, eventually, has_status

Start = Callable[..., WorkerProcess]

NO_POLLING = ("--poll-interval", "600")


def all_have(status: str, count: int) -> Callable[[], bool]:
    return lambda: ProcessingTask.objects.filter(status=status).count() == count


def cut_connections() -> int:
    """Cut every connection of the workers, as a failing network does. Returns how many."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
            " WHERE application_name = 'queue worker' AND datname = current_database()"
        )
        [(cut,)] = cursor.fetchall()
    return int(cut)


def test_it_runs_what_is_ready_and_leaves_in_burst_mode(start_worker: Start) -> None:
    enqueue_many("echo", [{"task_data": {"n": n}} for n in range(20)])
    worker = start_worker("--burst")
    eventually(worker.has_ended)
    assert worker.process.returncode == 0
    assert all_have("completed", 20)()


def test_it_says_what_it_does(start_worker: Start) -> None:
    task = enqueue("echo")
    worker = start_worker("--burst")
    eventually(worker.has_ended)
    assert worker.has_said("Queue worker started")
    assert worker.has_said(f"Processing task {task.pk}")
    assert worker.has_said(f"Task {task.pk} (echo) completed in ")


def test_it_hears_of_new_tasks_without_polling(start_worker: Start) -> None:
    worker = start_worker(*NO_POLLING)
    eventually(Worker.objects.online().exists)
    eventually(lambda: worker.has_said("Queue worker started"))
    for _ in range(3):
        task = enqueue("echo")
        eventually(has_status(task, "completed"))


def test_it_ends_after_so_many_tasks(start_worker: Start) -> None:
    enqueue_many("echo", [{}] * 5)
    eventually(start_worker("--max-tasks", "3").has_ended)
    assert all_have("completed", 3)()
    assert all_have("queued", 2)()


def test_it_runs_several_at_once_if_told_so(start_worker: Start, gate: Path) -> None:
    enqueue_many("patient", [{"task_data": {"gate": str(gate)}}] * 4)
    start_worker("--concurrency", "3")
    eventually(all_have("processing", 3))
    gate.touch()
    eventually(all_have("completed", 4))


def test_a_quick_task_ends_though_slow_ones_began_beside_it(
    start_worker: Start, gate: Path
) -> None:
    start_worker("--concurrency", "4", *NO_POLLING)
    eventually(Worker.objects.online().exists)
    slow = {"task_data": {"gate": str(gate)}}
    with transaction.atomic():  # all are claimed together
        tasks = enqueue("echo"), *enqueue_many("patient", [slow] * 2), enqueue("echo")
    eventually(all_have("completed", 2))
    assert all_have("processing", 2)()
    gate.touch()
    eventually(all_have("completed", len(tasks)))


def test_it_leaves_other_types_alone(start_worker: Start) -> None:
    other, chosen = enqueue("failing"), enqueue("echo")
    eventually(start_worker("--burst", "--task-type", "echo").has_ended)
    assert has_status(chosen, "completed")()
    assert has_status(other, "queued")()


def test_its_options_go_together(start_worker: Start) -> None:
    others = enqueue_many("failing", [{}] * 2)
    enqueue_many("echo", [{}] * 6)
    options = "--burst", "--max-tasks", "4", "--concurrency", "3", "--task-type", "echo"
    first, second = start_worker(*options), start_worker(*options)
    eventually(lambda: first.has_ended() and second.has_ended())
    assert (first.process.returncode, second.process.returncode) == (0, 0)
    assert all_have("completed", 6)()
    assert all_have("queued", len(others))()
    for worker in (first, second):
        assert worker.log.read_text().count("Processing task") <= 4


def test_it_claims_nothing_while_the_queue_is_paused(start_worker: Start) -> None:
    Pause.begin()
    task = enqueue("echo")
    eventually(start_worker("--burst").has_ended)
    assert has_status(task, "queued")()


def test_an_idle_worker_goes_on_at_once_when_the_pause_ends(start_worker: Start) -> None:
    Pause.begin()
    task = enqueue("echo")
    start_worker(*NO_POLLING)
    eventually(Worker.objects.online().exists)
    Pause.end()
    eventually(has_status(task, "completed"))


def test_it_retries_by_itself(start_worker: Start) -> None:
    task = enqueue("failing", max_retries=2)
    start_worker()
    eventually(has_status(task, "failed"))
    assert task.attempts.count() == 3


def test_a_panic_fails_its_task_and_the_thread_goes_on(start_worker: Start) -> None:
    start_worker(*NO_POLLING)
    broken, next_one = enqueue("panicking", max_retries=0), enqueue("echo")
    eventually(has_status(next_one, "completed"))
    eventually(has_status(broken, "failed"))
    broken.refresh_from_db()
    assert broken.error_message == "Panic: It broke"


def test_a_task_that_never_ends_ends_by_its_time_limit(start_worker: Start) -> None:
    stuck = enqueue("looping", max_retries=0)
    start_worker()
    eventually(has_status(stuck, "failed"))
    stuck.refresh_from_db()
    assert stuck.error_message == "It ran longer than its limit of 0.5 seconds."


def test_a_task_that_makes_no_progress_ends_by_its_stall_limit(start_worker: Start) -> None:
    stuck = enqueue("stalling", max_retries=0)
    start_worker()
    eventually(has_status(stuck, "failed"))
    stuck.refresh_from_db()
    assert stuck.error_message == "It made no progress for 0.5 seconds."


def test_a_worker_with_a_thread_that_cannot_be_ended_replaces_itself(start_worker: Start) -> None:
    stuck = enqueue("endless", max_retries=0)
    worker = start_worker()
    eventually(has_status(stuck, "failed"))
    eventually(lambda: worker.log.read_text().count("Queue worker started") == 2)
    assert not worker.has_ended()
    eventually(has_status(enqueue("echo"), "completed"))


def test_it_keeps_its_task_when_all_its_connections_are_cut(
    start_worker: Start, gate: Path
) -> None:
    worker = start_worker()
    task = enqueue("patient", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    assert cut_connections() >= 3
    eventually(lambda: worker.has_said("listener has its database again"))
    gate.touch()
    eventually(has_status(task, "completed"))
    task.refresh_from_db()
    assert (task.attempt, task.retry_count, worker.has_ended()) == (1, 0, False)


def test_it_puts_its_task_back_though_its_connections_were_just_cut(
    start_worker: Start, gate: Path
) -> None:
    worker = start_worker("--grace-period", "0", *NO_POLLING)
    task = enqueue("deaf", task_data={"gate": str(gate)})
    eventually(has_status(task, "processing"))
    cut_connections()
    worker.process.terminate()
    eventually(worker.has_ended)
    task.refresh_from_db()
    assert (task.status, task.retry_count) == ("queued", 0)


def test_it_hears_again_after_its_connections_were_cut(start_worker: Start) -> None:
    start_worker(*NO_POLLING)
    eventually(has_status(enqueue("echo"), "completed"))
    assert cut_connections() >= 3
    for _ in range(3):
        eventually(has_status(enqueue("echo"), "completed"))


def test_a_twin_that_slipped_into_the_line_holds_up_nobody(start_worker: Start, gate: Path) -> None:
    start_worker("--concurrency", "2")
    about = {"expert_id": uuid4(), "task_data": {"gate": str(gate)}}
    first = enqueue("patient only", **about)  # type: ignore[arg-type]  # a plain dictionary
    eventually(has_status(first, "processing"))
    twin = enqueue("patient only", **about)  # type: ignore[arg-type]  # the same
    ProcessingTask.objects.filter(pk=twin.pk).update(available_at=None, priority=9)
    eventually(has_status(enqueue("echo"), "completed"))
    gate.touch()
    eventually(has_status(twin, "completed"))


def test_it_says_goodbye(start_worker: Start) -> None:
    worker = start_worker()
    eventually(Worker.objects.online().exists)
    worker.process.terminate()
    eventually(worker.has_ended)
    assert not Worker.objects.online().exists()
