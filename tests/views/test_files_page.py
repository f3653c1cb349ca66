"""The library of files."""

import pytest
from django.contrib.auth.models import User
from django.test import Client

from experts.models import Expert, SourceFile
from tests.documents import upload
from tests.factories import ExpertFactory, SourceFileFactory
from tests.views.html import attributes, text, texts

FILES = "/dashboard/files/"


def test_an_empty_library_says_what_it_is_for(client: Client) -> None:
    assert "No files yet" in text(client.get(FILES))


def test_it_lists_only_ones_own(client: Client, file: SourceFile) -> None:
    SourceFileFactory(name="somebody-elses.txt")
    assert texts(client.get(FILES), "tbody .file-name a") == ["guide.txt"]


def test_several_files_are_uploaded_without_javascript(client: Client) -> None:
    files = [upload("One."), upload("Two."), upload("One.", "again.txt"), upload(b"", "empty.txt")]
    response = client.post(FILES, {"new_files": files}, follow=True)
    assert SourceFile.objects.count() == 2
    assert texts(response, ".toast p") == [
        "2 files uploaded.",
        "Already in your library: notes.txt",
        "empty.txt: This file is empty. Check the original and upload it again.",
    ]


def test_a_failed_file_says_why_and_can_be_retried(client: Client, alice: User) -> None:
    file = SourceFileFactory(owner=alice, status="failed", error_message="It is locked.")
    response = client.get(FILES)
    assert "It is locked." in text(response)
    assert attributes(response, "button[form=actions]", "formaction") == [
        f"{FILES}{file.pk}/retry/"
    ]
    client.post(f"{FILES}{file.pk}/retry/")
    file.refresh_from_db()
    assert file.status == "pending"


@pytest.mark.parametrize(("status", "asks"), [("embedding", "every 2s"), ("ready", None)])
def test_the_list_asks_again_only_while_a_file_is_read(
    client: Client, alice: User, status: str, asks: str | None
) -> None:
    SourceFileFactory(owner=alice, status=status)
    assert attributes(client.get(FILES), "#file-list", "hx-trigger") == [asks]


def test_its_pages_can_be_linked_to(client: Client, file: SourceFile) -> None:
    response = client.get(f"{FILES}{file.pk}/")
    assert attributes(response, "article", "id") == ["page-1", "page-2"]
    assert text(response, "#page-2 .page-text") == "Text 2."


def test_a_link_to_a_late_page_turns_to_it(client: Client, file: SourceFile) -> None:
    page = file.source_pages.model
    page.objects.bulk_create(
        page(source_file=file, number=number, location=f"Page {number}", text="More.")
        for number in range(3, 251)
    )
    response = client.get(f"{FILES}{file.pk}/?at=207")
    assert "page-207" in attributes(response, "article", "id")


def test_a_page_without_text_says_so(client: Client, file: SourceFile) -> None:
    file.source_pages.filter(number=2).update(text="", condition="no_text")
    assert "it is a picture" in text(client.get(f"{FILES}{file.pk}/"), "#page-2")


def test_warnings_name_their_pages(client: Client, file: SourceFile) -> None:
    file.warnings = [{"code": "no_text", "message": "No text.", "pages": [3, 4, 5]}]
    file.save()
    response = client.get(f"{FILES}{file.pk}/")
    assert "No text. (pages 3–5)" in text(response, ".notice.warning")


def test_before_it_is_deleted_it_names_the_experts_that_lose_it(
    client: Client, alice: User, file: SourceFile
) -> None:
    ExpertFactory(owner=alice, name="Tax guide", files=[file])
    assert "what it taught Tax guide" in text(client.get(f"{FILES}{file.pk}/delete/"))


def test_it_is_deleted(client: Client, file: SourceFile, expert: Expert) -> None:
    response = client.post(f"{FILES}{file.pk}/delete/", follow=True)
    assert texts(response, ".toast p") == ["guide.txt is deleted."]
    assert not SourceFile.objects.exists()
