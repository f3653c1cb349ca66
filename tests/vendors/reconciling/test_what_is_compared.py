"""What is compared at all: what is up, and what is ours."""

import copy
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from pytest_django import Settings

from experts.models import Expert
from experts.models.places import folders
from queueing.testing import drain
from tests.fakes import FakeEmbedder
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.messages import Reset
from tests.vendors.pinecone_standin import PineconeStandIn
from tests.vendors.reconciling.commands import LONG_GONE, found, mended, old_object, reconcile
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_where_all_agrees_it_says_so(expert: Expert) -> None:
    code, said = reconcile()
    assert (code, said.count("all agree")) == (0, 3)


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


def test_a_vendor_that_is_down_keeps_nothing_else_from_being_compared(
    expert: Expert, vendors: StandIn
) -> None:
    old_object(f"{folders()[0]}/2026/01/left-over")
    vendors.misbehave("/namespaces", Reset(), times=9)
    code, said = reconcile()
    assert code == 2
    assert "vectors: not compared. The connection to Pinecone failed" in said
    assert "objects, orphan" in said


def test_without_vendors_there_is_nothing_but_objects_to_differ(
    alice: User, embedder: FakeEmbedder, settings: Settings, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    expert_over(read_file(alice, "Deduct the coffee."))
    assert reconcile()[0] == 0
    assert f"objects, orphan: {old_object(f'{folders()[0]}/left-over')}" in found()
