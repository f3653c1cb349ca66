"""Stored objects against the database: each kind of orphan and gap."""

import os
import time

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from experts.models import Expert, SourceFile
from experts.models.places import folders
from experts.operations import delete_expert, delete_file
from queueing.testing import drain
from tests.vendors.reconciling.commands import found, mended, old_object, reconcile

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)


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
