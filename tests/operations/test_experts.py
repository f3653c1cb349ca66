"""Experts made, changed and deleted: everything or nothing."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from experts.models import Expert, SourceFile
from experts.operations import (
    Refused,
    add_files,
    cancel_processing,
    create_expert,
    delete_expert,
    delete_file,
    remove_files,
    reprocess,
    retry_file,
    update_expert,
    upload_file,
)
from experts.progress import progress_of, progress_of_many
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def file(alice: User) -> SourceFile:
    return upload_file(upload("Deduct the coffee."), owner=alice).file


@pytest.fixture
def expert(alice: User, file: SourceFile) -> Expert:
    return create_expert(owner=alice, name="Barista", files=[file]).expert


def picture(kind: str = "PNG") -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (30, 60), "teal").save(drawn, kind)
    return SimpleUploadedFile("me.png", drawn.getvalue())


def test_it_queues_with_everything_a_worker_needs(expert: Expert, file: SourceFile) -> None:
    task = ProcessingTask.objects.get()
    assert (task.task_type, task.expert_id) == ("file_processing", expert.pk)
    assert task.task_data == {"file_ids": [str(file.pk)]}
    assert (task.owner_id, task.agent_id) == (str(expert.owner_id), expert.agent_id)
    assert expert.agent_id


def test_it_needs_a_file(alice: User) -> None:
    with pytest.raises(Refused) as refused:
        create_expert(owner=alice, name="Barista", files=[])
    assert (refused.value.code, list(refused.value.fields)) == (
        "empty_selection",
        ["selected_files"],
    )


def test_the_same_key_gives_the_same_expert(alice: User, file: SourceFile) -> None:
    first = create_expert(owner=alice, name="Barista", files=[file], idempotency_key="k")
    again = create_expert(owner=alice, name="Barista", files=[file], idempotency_key="k")
    assert (again.expert, again.created) == (first.expert, False)
    assert Expert.objects.count() == 1


def test_a_key_belongs_to_its_owner(alice: User, bob: User, file: SourceFile) -> None:
    create_expert(owner=alice, name="Barista", files=[file], idempotency_key="k")
    his = upload_file(upload("Tea"), owner=bob).file
    assert create_expert(owner=bob, name="Tea", files=[his], idempotency_key="k").created


def test_nothing_is_half_done_when_the_queue_fails(
    alice: User, file: SourceFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("experts.operations.experts.queue_processing", broken)
    with pytest.raises(RuntimeError):
        create_expert(owner=alice, name="Barista", files=[file])
    assert not Expert.objects.exists()


def test_an_avatar_is_drawn_anew(alice: User, file: SourceFile) -> None:
    expert = create_expert(owner=alice, name="B", files=[file], avatar=picture()).expert
    with expert.avatar.open() as file_of_avatar, Image.open(file_of_avatar) as stored:
        assert (stored.format, stored.size) == ("WEBP", (512, 512))


@pytest.mark.parametrize("content", [b"no picture", b"\x89PNG\r\n\x1a\n broken", b""])
def test_a_broken_avatar_is_refused_and_nothing_made(
    alice: User, file: SourceFile, content: bytes
) -> None:
    with pytest.raises(Refused) as refused:
        create_expert(
            owner=alice, name="B", files=[file], avatar=SimpleUploadedFile("me.png", content)
        )
    assert refused.value.code == "invalid_avatar"
    assert not Expert.objects.exists()


def test_a_new_avatar_replaces_the_old(expert: Expert) -> None:
    update_expert(expert, avatar=picture())
    before = expert.avatar.name
    update_expert(expert, avatar=picture("JPEG"), name="Renamed")
    drain()
    expert.refresh_from_db()
    assert expert.name == "Renamed"
    assert default_storage.exists(expert.avatar.name)
    assert not default_storage.exists(before)


def test_deleting_a_waiting_expert_takes_it_out_of_the_line(expert: Expert) -> None:
    delete_expert(expert)
    assert not Expert.objects.exists()
    assert ProcessingTask.objects.get(task_type="file_processing").status == "cancelled"


def test_a_deleted_file_is_gone_everywhere(expert: Expert, file: SourceFile) -> None:
    drain()
    name = file.file.name
    delete_file(file)
    assert not expert.files.exists()
    drain()
    assert not default_storage.exists(name)


def test_cancelling_shows_at_once(expert: Expert) -> None:
    cancel_processing(expert)
    progress = progress_of(expert)
    assert (progress["stage"], progress["status"]) == ("cancelled", "cancelled")
    with pytest.raises(Refused, match="nothing to cancel"):
        cancel_processing(expert)


def test_reprocessing_a_cancelled_expert_makes_it_ready(expert: Expert) -> None:
    cancel_processing(expert)
    reprocess(expert)
    assert progress_of(expert)["queue_position"] == 1
    drain()
    assert progress_of(expert)["status"] == "completed"


def test_new_files_are_learnt_while_the_chat_stays_open(expert: Expert, alice: User) -> None:
    drain()
    more = upload_file(upload("Tea is never deducted."), owner=alice).file
    add_files(expert, [more])
    expert.refresh_from_db()
    assert expert.is_ready
    assert progress_of(expert)["stage"] == "queued"
    drain()
    more.refresh_from_db()
    assert more.status == "ready"


def test_the_last_file_stays(expert: Expert, file: SourceFile) -> None:
    with pytest.raises(Refused, match="at least one file"):
        remove_files(expert, [file])
    assert expert.files.get() == file


def test_a_good_file_cannot_be_retried(expert: Expert, file: SourceFile) -> None:
    drain()
    with pytest.raises(Refused) as refused:
        retry_file(file)
    assert refused.value.code == "not_failed"


def test_a_failed_file_is_tried_again(alice: User) -> None:
    bad = upload_file(upload(b"%PDF-1.4 no PDF"), owner=alice).file
    expert = create_expert(owner=alice, name="B", files=[bad]).expert
    drain()
    bad.refresh_from_db()
    assert bad.status == "failed"
    retry_file(bad)
    bad.refresh_from_db()
    assert (bad.status, bad.error_code) == ("pending", "")
    assert progress_of(expert)["queue_position"] == 1


def test_many_experts_cost_as_many_queries_as_one(
    alice: User, file: SourceFile, django_assert_max_num_queries: Any
) -> None:
    made = [create_expert(owner=alice, name=str(n), files=[file]).expert for n in range(5)]
    with django_assert_max_num_queries(8):
        shown = progress_of_many([expert.pk for expert in made])
    assert [shown[expert.pk]["queue_position"] for expert in made] == [1, 2, 3, 4, 5]
