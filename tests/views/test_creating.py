"""The page on which an expert is made."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experts.models import Expert, SourceFile
from queueing.models import ProcessingTask
from tests.documents import upload
from tests.factories import SourceFileFactory
from tests.pictures import picture
from tests.views.html import attributes, has, text, texts

NEW = "/dashboard/experts/new/"


def filled(*files: SourceFile, **fields: Any) -> dict[str, Any]:
    """The form as somebody fills it in."""
    ids = [str(file.pk) for file in files]
    form = {"name": "Tax guide", "language": "en", "idempotency_key": "a", "selected_files": ids}
    return form | fields


def test_it_creates_and_leads_to_the_expert(client: Client, file: SourceFile) -> None:
    response = client.post(NEW, filled(file, persona="Brief."))
    expert = Expert.objects.get()
    assert response["Location"] == f"/dashboard/experts/{expert.pk}/"
    assert (expert.name, expert.persona, list(expert.files.all())) == (
        "Tax guide",
        "Brief.",
        [file],
    )
    assert ProcessingTask.objects.get().expert_id == expert.pk


def test_new_files_are_uploaded_and_selected(client: Client, file: SourceFile) -> None:
    client.post(NEW, filled(file, new_files=[upload("One."), upload("Two.")]))
    assert Expert.objects.get().files.count() == 3


def test_a_form_that_is_sent_twice_creates_one_expert(client: Client, file: SourceFile) -> None:
    first, second = (client.post(NEW, filled(file)) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Expert.objects.count() == 1


def test_nothing_that_was_typed_is_lost(client: Client, file: SourceFile) -> None:
    response = client.post(NEW, filled(file, name="", persona="A patient adviser."))
    assert response.status_code == 422
    assert text(response, "#id_persona") == "A patient adviser."
    assert has(response, f"[id='file-{file.pk}'][checked]")


def test_an_error_stands_next_to_its_field_and_on_top(client: Client, file: SourceFile) -> None:
    response = client.post(NEW, filled(file, name=""))
    assert texts(response, "#id_name_error li") == ["Give the expert a name."]
    assert attributes(response, "#id_name", "aria-invalid") == ["true"]
    assert attributes(response, ".error-summary a", "href") == ["#id_name"]


def test_an_expert_without_files_is_refused(client: Client) -> None:
    response = client.post(NEW, filled())
    assert "Choose at least one file" in text(response, ".error-summary")
    assert not Expert.objects.exists()


def test_somebody_elses_file_is_refused(client: Client) -> None:
    assert client.post(NEW, filled(SourceFileFactory())).status_code == 422
    assert not Expert.objects.exists()


def test_a_refused_upload_keeps_the_others(client: Client, alice: User) -> None:
    response = client.post(NEW, filled(new_files=[upload("Good."), upload(b"", "empty.txt")]))
    [kept] = SourceFile.objects.filter(owner=alice)
    assert "empty.txt: This file is empty." in text(response, ".error-summary")
    assert has(response, f"[id='file-{kept.pk}'][checked]")


def test_a_broken_picture_is_said_next_to_its_field(client: Client, file: SourceFile) -> None:
    response = client.post(NEW, filled(file, avatar=upload("not a picture", "me.png")))
    assert "cannot be read" in text(response, "#id_avatar_error")
    assert has(response, ".more-fields[open]")


def test_a_picture_becomes_the_face(client: Client, file: SourceFile) -> None:
    client.post(NEW, filled(file, avatar=upload(picture(), "me.png")))
    expert = Expert.objects.get()
    response = client.get(f"/dashboard/experts/{expert.pk}/")
    [address, *_] = attributes(response, "img.avatar", "src")
    assert address is not None
    face = client.get(address)
    face.close()
    assert face["Content-Type"] == "image/webp"


def test_a_file_can_be_chosen_by_the_link_that_leads_here(client: Client, file: SourceFile) -> None:
    response = client.get(NEW, {"file": str(file.pk)})
    assert has(response, f"[id='file-{file.pk}'][checked]")


def test_people_are_offered_no_priority(client: Client) -> None:
    assert "priority" not in client.get(NEW).content.decode()


@pytest.mark.parametrize("language", ["xx", ""])
def test_a_language_is_one_of_those_offered(
    client: Client, file: SourceFile, language: str
) -> None:
    assert client.post(NEW, filled(file, language=language)).status_code == 422
