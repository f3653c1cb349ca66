"""What vendors and the storage hold, against the database: each kind of orphan and gap."""

import copy
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
from django.test import Client
from pytest_django import Settings

from experts.models import Expert, SourceFile
from experts.models.places import folders
from experts.operations import delete_expert, delete_file
from experts.providers import get_vector_store
from queueing import enqueue
from queueing.handlers import handlers
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.fakes import FakeEmbedder
from tests.vendors.conftest import Configure
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.messages import Reset
from tests.vendors.pinecone_standin import PineconeStandIn, namespace_of
from tests.vendors.standin import StandIn
from tests.views.html import text, texts

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "/dashboard/queue/"
LONG_GONE = UUID("0189f3a2-7c1e-7d3a-9b52-6f0c8d1e4a77")  # of version 7, made in August 2023


@pytest.fixture
def expert(vendors: StandIn, alice: User, settings: Settings, tmp_path: Path) -> Expert:
    """Ready and settled, on vendors; its files lie in a directory of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    expert = expert_over(read_file(alice, "The garden opens at nine.", "It closes at six."))
    drain(skip_delays=True)
    return expert


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


def doubled(expert: Expert, vendor: ElevenLabsStandIn) -> list[str]:
    """Everything that the expert has there, a second time; in the order of removing."""
    secret = vendor.make("secrets", **vendor.secrets[expert.secret_id])
    tool = copy.deepcopy(vendor.tools[expert.tool_id])
    [header] = tool["tool_config"]["api_schema"]["request_headers"].values()
    header["secret_id"] = secret
    agent = vendor.make("agents", **vendor.agents[expert.agent_id])
    return [agent, vendor.make("tools", **tool), secret]


def test_what_an_expert_has_twice_is_found_and_the_second_removed(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    second = doubled(expert, elevenlabs_vendor)
    assert f"agents, orphan: {', '.join(second)}: Gardener uses another" in found()
    mended()
    assert list(elevenlabs_vendor.agents) == [expert.agent_id]
    assert list(elevenlabs_vendor.tools) == [expert.tool_id]
    assert list(elevenlabs_vendor.secrets) == [expert.secret_id]


def test_a_second_agent_that_meanwhile_became_the_right_one_stays(
    expert: Expert, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    second, *_ = doubled(expert, elevenlabs_vendor)
    assert reconcile(repair=True)[0] == 0
    Expert.objects.update(agent_id=second)
    drain()
    assert second in elevenlabs_vendor.agents


def test_an_expert_whose_agent_could_not_be_made_is_a_gap_with_its_reason(
    vendors: StandIn, alice: User, settings: Settings, elevenlabs_vendor: ElevenLabsStandIn
) -> None:
    settings.PUBLIC_URL = ""
    expert = expert_over(read_file(alice, "The garden opens at nine."))
    assert expert.agent_status == "failed"
    assert f"agents, gap: an agent of Gardener ({expert.pk}). ElevenLabs has to reach" in found()
    settings.PUBLIC_URL = "https://experts.example.com"
    mended()
    assert len(elevenlabs_vendor.agents) == 1


def test_vectors_of_a_file_that_is_gone_are_found_and_removed(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[namespace_of(alice)]
    namespace[f"{LONG_GONE}#0"] = {**next(iter(namespace.values())), "id": f"{LONG_GONE}#0"}
    before = len(namespace)
    assert f"vectors, orphan: 1 vector of file {LONG_GONE}" in found()
    mended()
    assert len(namespace) == before - 1


def test_vectors_past_the_end_of_a_file_are_removed_and_the_others_stay(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file, namespace = expert.files.get(), pinecone_vendor.namespaces[namespace_of(alice)]
    before = set(namespace)
    namespace[f"{file.pk}#999"] = {**next(iter(namespace.values())), "id": f"{file.pk}#999"}
    assert "vectors, orphan: 1 vector" in found()
    mended()
    assert set(namespace) == before


def test_vectors_missing_at_the_vendor_are_embedded_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    namespace = pinecone_vendor.namespaces[namespace_of(alice)]
    before = set(namespace)
    namespace.pop(min(namespace))
    assert "vectors, gap: vectors of" in found()
    mended()
    assert set(namespace) == before


def test_an_index_deleted_by_hand_is_made_and_filled_again(
    expert: Expert, alice: User, pinecone_vendor: PineconeStandIn, configure: Configure
) -> None:
    before = set(pinecone_vendor.namespaces[namespace_of(alice)])
    pinecone_vendor.indexes.clear()
    pinecone_vendor.namespaces.clear()
    configure()  # another process
    assert "vectors, gap" in found()
    mended()
    assert set(pinecone_vendor.namespaces[namespace_of(alice)]) == before


def test_a_ready_file_without_all_its_vectors_is_a_gap_in_pgvector_too(
    expert: Expert, configure: Configure
) -> None:
    configure(vector_store="pgvector")
    assert "vectors, gap: vectors of" in found()
    mended()
    file = expert.files.get()
    assert not get_vector_store().missing(file, model="small").exists()


def test_what_another_site_keeps_beside_ours_is_not_ours_to_judge(
    expert: Expert,
    alice: User,
    pinecone_vendor: PineconeStandIn,
    elevenlabs_vendor: ElevenLabsStandIn,
) -> None:
    """Its database is as new as ours, so that its people have the same numbers."""
    ours = copy.deepcopy((pinecone_vendor.namespaces, elevenlabs_vendor.agents))
    gone, mark = f"{LONG_GONE}#0", "0badcafe"
    pinecone_vendor.namespaces[f"{mark}-owner-{alice.pk}"] = {gone: {"id": gone}}
    tags = ["expertsite", f"expertsite:{mark}", f"expertsite:{LONG_GONE}"]
    agent = elevenlabs_vendor.agents[expert.agent_id]
    elevenlabs_vendor.make("agents", **{**agent, "tags": tags})
    name = old_object(f"files/{mark}/2026/01/theirs")
    assert reconcile(repair=True)[0] == 0
    drain()
    assert default_storage.exists(name)
    assert len(pinecone_vendor.namespaces) == len(ours[0]) + 1
    assert len(elevenlabs_vendor.agents) == len(ours[1]) + 1


def test_a_copy_of_the_database_removes_nothing_of_the_site_that_it_was_made_from(
    expert: Expert, settings: Settings
) -> None:
    assert reconcile()[0] == 0  # at home
    name = old_object(f"{folders()[0]}/2026/01/made-since-the-copy")
    settings.PUBLIC_URL = "https://staging.example.com"
    code, said = reconcile(repair=True)
    drain()
    assert code == 1
    assert "No orphan is removed: this database was compared at https://experts.example" in said
    assert default_storage.exists(name)


def test_a_site_that_has_moved_says_so_once(expert: Expert, settings: Settings) -> None:
    assert reconcile()[0] == 0
    old_object(f"{folders()[0]}/2026/01/left-over")
    settings.PUBLIC_URL = "https://moved.example.com"
    assert reconcile(moved=True)[0] == 1
    mended()


def test_what_was_stored_before_folders_had_a_mark_is_no_gap(expert: Expert) -> None:
    SourceFile.objects.update(file=default_storage.save("files/2026/01/old", ContentFile(b"x")))
    assert "objects, gap" not in reconcile()[1]


def test_an_object_that_no_row_names_is_found_and_removed(expert: Expert) -> None:
    name = old_object(f"{folders()[0]}/2026/01/left-over")
    assert f"objects, orphan: {name}" in found()
    mended()
    assert not default_storage.exists(name)


def test_a_picture_that_no_expert_has_is_an_orphan_too(expert: Expert) -> None:
    assert f"objects, orphan: {old_object(f'{folders()[1]}/nobody.webp')}" in found()


def test_an_object_on_its_way_into_the_library_is_no_orphan(expert: Expert) -> None:
    default_storage.save(f"{folders()[0]}/2026/01/being-uploaded", ContentFile(b"new"))
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
    old_object(f"{folders()[0]}/2026/01/left-over")
    vendors.misbehave("/namespaces", Reset(), times=9)
    code, said = reconcile()
    assert code == 2
    assert "vectors: not compared. The connection to Pinecone failed" in said
    assert "objects, orphan" in said


def test_the_daily_task_reports_and_mends_nothing(
    expert: Expert, caplog: pytest.LogCaptureFixture
) -> None:
    name = old_object(f"{folders()[0]}/2026/01/left-over")
    task = enqueue("reconcile")
    drain()
    task.refresh_from_db()
    assert task.result["objects"] == {"orphans": 1, "gaps": 0}
    assert f"objects, orphan: {name}" in caplog.text
    assert default_storage.exists(name)


def test_operators_see_what_the_daily_task_found_and_metrics_have_it(
    expert: Expert, admin_client: Client, vendors: StandIn
) -> None:
    assert "still to come" in text(admin_client.get(QUEUE), "#comparison")
    old_object(f"{folders()[0]}/2026/01/left-over")
    vendors.misbehave("/namespaces", Reset(), times=9)
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    page = admin_client.get(QUEUE)
    said = texts(page, "#comparison td:nth-child(2)")
    assert said[0] == "All agree"
    assert said[1].startswith("Not compared. The connection to Pinecone failed")
    assert said[2] == "1 orphan"
    assert "do not agree with the database" in text(page, "#queue")
    figures = admin_client.get("/metrics").content.decode()
    assert 'experts_compared_findings{fault="orphans",kind="objects"} 1.0' in figures
    assert 'experts_compared_findings{fault="trouble",kind="vectors"} 1.0' in figures
    assert "experts_compared_at_seconds 1" in figures


def test_after_a_repair_operators_soon_see_that_all_agrees(
    expert: Expert, admin_client: Client
) -> None:
    old_object(f"{folders()[0]}/2026/01/left-over")
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    assert "do not agree" in text(admin_client.get(QUEUE), "#queue")
    reconcile(repair=True)
    drain(skip_delays=True)
    assert "do not agree" not in text(admin_client.get(QUEUE), "#queue")


def test_where_all_agrees_operators_are_told_nothing_else(
    expert: Expert, admin_client: Client
) -> None:
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    page = admin_client.get(QUEUE)
    assert texts(page, "#comparison td:nth-child(2)") == ["All agree"] * 3
    assert "do not agree" not in text(page, "#queue")


def test_a_vector_that_pinecone_lost_is_missed_minutes_later_and_made_anew(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    file = read_file(alice, *(f"Bed {n}." for n in range(6)))
    lost = file.passages.get(ordinal=3).vector_id
    pinecone_vendor.loses = {lost}
    expert_over(file)
    assert lost not in pinecone_vendor.namespaces[namespace_of(alice)]
    drain(skip_delays=True)
    assert lost in pinecone_vendor.namespaces[namespace_of(alice)]
    sent = [text for request in vendors.asked("/embeddings") for text in request.body["input"]]
    assert sorted(sent) == sorted([*(f"Bed {n}." for n in range(6)), "Bed 3."])


def test_what_may_still_show_is_no_gap(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    assert "vectors: all agree" in reconcile()[1]


def test_what_shows_late_is_not_taken_for_lost(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    [look] = ProcessingTask.objects.filter(task_type="check_vectors")
    assert look.retries_at
    pinecone_vendor.settle()
    drain(skip_delays=True)
    look.refresh_from_db()
    assert look.result == {"lost": 0}
    assert not ProcessingTask.objects.filter(task_type="reembed_file").exists()


def test_a_store_that_keeps_losing_is_not_filled_for_ever(
    vendors: StandIn, alice: User, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.is_late = True  # and never settles
    expert_over(read_file(alice, "Bed 1.", "Bed 2."))
    drain(skip_delays=True)
    types = ProcessingTask.objects.values_list("task_type", flat=True)
    assert sorted(types) == ["check_vectors", "file_processing", "reembed_file"]


def test_it_comes_round_each_day() -> None:
    assert handlers["reconcile"].every
    assert handlers["reconcile"].every.days == 1


def test_without_vendors_there_is_nothing_but_objects_to_differ(
    alice: User, embedder: FakeEmbedder, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    expert_over(read_file(alice, "Deduct the coffee."))
    assert reconcile()[0] == 0
    assert f"objects, orphan: {old_object(f'{folders()[0]}/left-over')}" in found()
