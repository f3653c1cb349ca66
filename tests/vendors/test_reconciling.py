"""What vendors and the storage hold, against the database: each kind of orphan and gap."""

import io
import os
import time
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from pytest_django import Settings

from experts.models import Expert
from experts.operations import delete_expert, delete_file
from experts.providers import get_vector_store
from queueing import enqueue
from queueing.handlers import handlers
from queueing.testing import drain
from tests.fakes import FakeEmbedder
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.messages import Reset
from tests.vendors.pinecone_standin import PineconeStandIn
from tests.vendors.standin import StandIn

pytestmark = pytest.mark.django_db

LONG_GONE = UUID("0189f3a2-7c1e-7d3a-9b52-6f0c8d1e4a77")  # of version 7, made in August 2023


@pytest.fixture
def expert(vendors: StandIn, alice: User, settings: Settings, tmp_path: Path) -> Expert:
    """Ready, on vendors; its files lie in a directory of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return expert_over(read_file(alice, "The garden opens at nine.", "It closes at six."))


def reconcile(**options: Any) -> tuple[int, str]:
    """The exit code, and what was printed."""
    out = io.StringIO()
    try:
        call_command("reconcile", stdout=out, **options)
    except SystemExit as end:
        return int(str(end.code)), out.getvalue()
    return 0, out.getvalue()


def found() -> str:
    code, said = reconcile()
    assert code == 1, said
    return said


def mended() -> None:
    """Repairing leaves nothing to find."""
    assert reconcile(repair=True)[0] == 0
    drain()
    assert reconcile()[0] == 0


def old_object(name: str) -> str:
    name = default_storage.save(name, ContentFile(b"left over"))
    os.utime(default_storage.path(name), (time.time() - 7200,) * 2)
    return name


def test_where_all_agrees_it_says_so(expert: Expert) -> None:
    code, said = reconcile()
    assert (code, said.count("all agree")) == (0, 3)


def test_an_agent_whose_expert_is_gone_is_found_and_removed(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    agent = elevenlabs_vendor.agents[expert.agent_id]
    tags = [tag.replace(str(expert.pk), str(LONG_GONE)) for tag in agent["tags"]]
    key = elevenlabs_vendor.make("agents", **{**agent, "tags": tags})
    assert f"agents, orphan: {key}" in found()
    mended()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]


def test_an_agent_that_is_being_made_is_no_orphan(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    Expert.objects.all().delete()  # as if its row were not committed yet
    assert "agents: all agree" in reconcile()[1]


def test_an_agent_removed_by_hand_is_a_gap_and_made_again(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    elevenlabs_vendor.agents.clear()
    assert f"agents, gap: {expert.agent_id} of Gardener" in found()
    mended()
    expert.refresh_from_db()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]


def test_a_second_agent_of_an_expert_is_named_and_left_to_the_operator(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    double = elevenlabs_vendor.make("agents", **elevenlabs_vendor.agents[expert.agent_id])
    assert f"{double}: Gardener uses another" in found()
    assert reconcile(repair=True)[0] == 1
    drain()
    assert expert.agent_id in elevenlabs_vendor.agents


def test_vectors_of_a_file_that_is_gone_are_found_and_removed(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[f"owner-{alice.pk}"]
    namespace[f"{LONG_GONE}#0"] = {**next(iter(namespace.values())), "id": f"{LONG_GONE}#0"}
    before = len(namespace)
    assert f"vectors, orphan: 1 vectors of file {LONG_GONE}" in found()
    mended()
    assert len(namespace) == before - 1


def test_vectors_past_the_end_of_a_file_are_removed_and_the_others_stay(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file, namespace = expert.files.get(), pinecone_vendor.namespaces[f"owner-{alice.pk}"]
    before = set(namespace)
    namespace[f"{file.pk}#999"] = {**next(iter(namespace.values())), "id": f"{file.pk}#999"}
    assert "vectors, orphan: 1 vectors" in found()
    mended()
    assert set(namespace) == before


def test_vectors_missing_at_the_vendor_are_embedded_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[f"owner-{alice.pk}"]
    before = set(namespace)
    namespace.pop(min(namespace))
    assert "vectors, gap: vectors of" in found()
    mended()
    assert set(namespace) == before


def test_an_index_deleted_by_hand_is_made_and_filled_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn, configure: Configure
) -> None:
    before = set(pinecone_vendor.namespaces[f"owner-{alice.pk}"])
    pinecone_vendor.indexes.clear()
    pinecone_vendor.namespaces.clear()
    configure()  # another process
    assert "vectors, gap" in found()
    mended()
    assert set(pinecone_vendor.namespaces[f"owner-{alice.pk}"]) == before


def test_a_ready_file_without_all_its_vectors_is_a_gap_in_pgvector_too(
    expert: Expert, configure: Configure
) -> None:
    configure(vector_store="pgvector")
    assert "vectors, gap: vectors of" in found()
    mended()
    file = expert.files.get()
    assert get_vector_store().missing(file, model="small") == []


def test_another_site_s_vectors_in_the_index_are_not_ours_to_judge(
    expert: Expert, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.namespaces["somebody-else"] = {"x": {"id": "x"}}
    assert reconcile()[0] == 0


def test_an_object_that_no_row_names_is_found_and_removed(expert: Expert) -> None:
    name = old_object("files/2026/01/left-over")
    assert f"objects, orphan: {name}" in found()
    mended()
    assert not default_storage.exists(name)


def test_a_picture_that_no_expert_has_is_an_orphan_too(expert: Expert) -> None:
    assert f"objects, orphan: {old_object('avatars/nobody.webp')}" in found()


def test_an_object_on_its_way_into_the_library_is_no_orphan(expert: Expert) -> None:
    default_storage.save("files/2026/01/being-uploaded", ContentFile(b"new"))
    assert reconcile()[0] == 0


def test_what_is_to_be_removed_anyway_is_no_orphan(expert: Expert) -> None:
    file = expert.files.get()
    os.utime(file.file.path, (time.time() - 7200,) * 2)
    delete_expert(expert)
    delete_file(file)
    assert reconcile()[0] == 0
    drain()
    assert reconcile()[0] == 0


def test_a_lost_original_is_named_and_cannot_be_mended(expert: Expert) -> None:
    file = expert.files.get()
    default_storage.delete(str(file.file.name))
    assert f"objects, gap: the original of {file.name}" in found()
    assert reconcile(repair=True)[0] == 1


def test_a_lost_picture_gives_way_to_initials(expert: Expert) -> None:
    Expert.objects.update(avatar="avatars/gone.webp")
    assert "objects, gap: the picture of Gardener" in found()
    mended()
    expert.refresh_from_db()
    assert not expert.avatar


def test_a_vendor_that_is_down_keeps_nothing_else_from_being_compared(
    expert: Expert, vendors: StandIn
) -> None:
    old_object("files/2026/01/left-over")
    vendors.misbehave("/namespaces", Reset(), times=9)
    code, said = reconcile()
    assert code == 2
    assert "vectors: not compared. The connection to Pinecone failed" in said
    assert "objects, orphan" in said


def test_the_daily_task_reports_and_mends_nothing(
    expert: Expert, caplog: pytest.LogCaptureFixture
) -> None:
    name = old_object("files/2026/01/left-over")
    task = enqueue("reconcile")
    drain()
    task.refresh_from_db()
    assert task.result["objects"] == {"orphans": 1, "gaps": 0}
    assert f"objects, orphan: {name}" in caplog.text
    assert default_storage.exists(name)


def test_it_comes_round_each_day() -> None:
    assert handlers["reconcile"].every
    assert handlers["reconcile"].every.days == 1


def test_without_vendors_there_is_nothing_but_objects_to_differ(
    alice: User, embedder: FakeEmbedder, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    expert_over(read_file(alice, "Deduct the coffee."))
    assert reconcile()[0] == 0
    assert f"objects, orphan: {old_object('files/left-over')}" in found()
