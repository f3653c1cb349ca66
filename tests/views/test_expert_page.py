"""The page of one expert, and what can be done there."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experts.models import Conversation, Expert, SourceFile
from experts.operations import create_expert
from queueing.models import ProcessingTask
from tests.documents import upload
from tests.factories import SourceFileFactory
from tests.pictures import picture
from tests.views.conftest import show
from tests.views.html import attributes, has, text, texts


def address(expert: Expert, then: str = "") -> str:
    return f"/dashboard/experts/{expert.pk}/{then}"


def test_it_shows_files_and_what_was_learnt(client: Client, expert: Expert) -> None:
    response = client.get(address(expert))
    assert "guide.txt Ready 2 sections" in text(response, "#files")
    assert "Pages 2" in text(response, "#about")


def test_the_stages_stand_on_a_stepper(client: Client, waiting_expert: Expert) -> None:
    show(waiting_expert, stage="extracting_text", status="processing")
    response = client.get(address(waiting_expert))
    assert texts(response, "[aria-current=step]") == ["Extract text"]


def test_the_composer_is_locked_until_ready_and_says_why(
    client: Client, waiting_expert: Expert
) -> None:
    response = client.get(address(waiting_expert))
    assert has(response, "#question[disabled]")
    assert "Chat opens when the files are read." in text(response, "#composer-why")


def test_the_composer_is_open_when_ready(client: Client, expert: Expert) -> None:
    response = client.get(address(expert))
    assert has(response, "#question:not([disabled])")
    assert not has(response, "#composer-why")


def test_the_chat_stays_open_while_more_is_learnt(client: Client, expert: Expert) -> None:
    show(expert, stage="queued", status="pending", progress_percentage=0)
    assert has(client.get(address(expert)), "#question:not([disabled])")


def test_it_can_be_edited(client: Client, expert: Expert) -> None:
    client.post(address(expert, "edit/"), {"name": "Coffee guide", "language": "de"})
    expert.refresh_from_db()
    assert (expert.name, expert.language) == ("Coffee guide", "de")


def test_an_edit_that_is_refused_keeps_what_was_typed(client: Client, expert: Expert) -> None:
    response = client.post(
        address(expert, "edit/"), {"name": "", "language": "en", "persona": "Brief."}
    )
    assert (response.status_code, text(response, "#id_persona")) == (422, "Brief.")


def test_its_picture_can_be_replaced_and_removed(client: Client, expert: Expert) -> None:
    form = {"name": "Tax guide", "language": "en"}
    client.post(address(expert, "edit/"), {**form, "avatar": upload(picture(), "me.png")})
    expert.refresh_from_db()
    assert expert.avatar
    assert has(client.get(address(expert, "edit/")), "#id_remove_avatar")
    client.post(address(expert, "edit/"), {**form, "remove_avatar": "on"})
    expert.refresh_from_db()
    assert not expert.avatar


def test_before_it_is_deleted_it_says_what_will_go(
    client: Client, alice: User, expert: Expert
) -> None:
    Conversation.objects.create(expert=expert, user=alice, title="Coffee?")
    question = text(client.get(address(expert, "delete/")))
    assert "Delete Tax guide?" in question
    assert "1 conversation with it" in question
    assert Expert.objects.filter(pk=expert.pk).exists()


def test_the_dialog_holds_the_question_alone(client: Client, expert: Expert) -> None:
    response = client.get(address(expert, "delete/"), headers={"HX-Request": "true"})
    assert text(response, "h2") == "Delete Tax guide?"
    assert not has(response, "header")


def test_it_is_deleted(client: Client, expert: Expert) -> None:
    response = client.post(address(expert, "delete/"), follow=True)
    assert texts(response, ".toast p") == ["Tax guide is deleted."]
    assert not Expert.objects.filter(pk=expert.pk).exists()


def test_it_is_cancelled_and_leads_back(client: Client, alice: User, file: SourceFile) -> None:
    expert = create_expert(owner=alice, name="Barista", files=[file]).expert
    response = client.post(address(expert, "cancel/"), {"next": "/dashboard/"})
    assert response["Location"] == "/dashboard/"
    assert ProcessingTask.objects.get().status == "cancelled"


def test_it_leads_nowhere_else(client: Client, expert: Expert) -> None:
    response = client.post(address(expert, "reprocess/"), {"next": "https://example.com/"})
    assert response["Location"] == address(expert)


def test_a_question_leads_back_to_where_it_was_asked(client: Client, expert: Expert) -> None:
    came_from = {"Referer": "http://testserver/dashboard/?page=2"}
    response = client.get(address(expert, "reprocess/"), headers=came_from)
    assert attributes(response, ".confirm [name=next]", "value") == [came_from["Referer"]]


def test_it_is_processed_again(client: Client, expert: Expert) -> None:
    client.post(address(expert, "reprocess/"))
    assert ProcessingTask.objects.get(expert_id=expert.pk).status == "queued"


def test_files_are_added(client: Client, alice: User, expert: Expert) -> None:
    more = SourceFileFactory(owner=alice)
    response = client.post(
        address(expert, "files/"),
        {"selected_files": [str(more.pk)], "new_files": [upload("Three.")]},
        follow=True,
    )
    assert texts(response, ".toast p") == ["Tax guide learns from 2 more files."]
    assert expert.files.count() == 3


def test_only_files_that_it_lacks_are_offered(client: Client, alice: User, expert: Expert) -> None:
    SourceFileFactory(owner=alice, name="other.txt")
    assert texts(client.get(address(expert, "files/")), ".picker-name") == ["other.txt"]


@pytest.mark.parametrize(("files", "left"), [(2, 1), (1, 1)])
def test_a_file_is_removed_unless_it_is_the_last(
    client: Client, alice: User, file: SourceFile, files: int, left: int
) -> None:
    others = [SourceFileFactory(owner=alice) for _ in range(files - 1)]
    expert = create_expert(owner=alice, name="Barista", files=[file, *others]).expert
    client.post(address(expert, f"files/{file.pk}/remove/"))
    assert expert.files.count() == left
