"""Files of the library: seen, downloaded, read as text, tried again, deleted."""

import uuid

import pytest
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from experts.models import Expert, SourceFile
from queueing.testing import drain
from tests.api.conftest import COFFEE, AddFile
from tests.documents import pdf


def test_a_file_shows_what_was_read_of_it(api: APIClient, expert: Expert) -> None:
    file = api.get(f"/files/{expert.files.get().pk}/").json()["file"]
    assert (file["status"], file["pages"], file["passages"]) == ("ready", 1, 1)
    assert (file["error_code"], file["error_message"], file["warnings"]) == ("", "", [])


def test_the_list_comes_by_page(api: APIClient, add_file: AddFile) -> None:
    for number in range(3):
        add_file(f"Text {number}", f"{number}.txt")
    body = api.get("/files/", {"page_size": 2}).json()
    assert (body["success"], body["count"], body["previous"]) == (True, 3, None)
    assert [file["name"] for file in body["results"]] == ["2.txt", "1.txt"]
    assert [file["name"] for file in api.get(body["next"]).json()["results"]] == ["0.txt"]


def test_a_page_that_does_not_exist_is_not_found(api: APIClient) -> None:
    response = api.get("/files/", {"page": 7})
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_the_list_takes_as_many_queries_for_many_as_for_one(
    api: APIClient, add_file: AddFile, django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        add_file(f"Text {number}")
    with django_assert_max_num_queries(2):  # type: ignore[operator]
        api.get("/files/")


def test_the_text_is_given_as_it_was_read(api: APIClient, expert: Expert) -> None:
    body = api.get(f"/files/{expert.files.get().pk}/text/").json()
    [page] = body["pages"]
    assert body["success"]
    assert (page["page"], page["text"]) == (1, COFFEE)
    assert page["location"]


def test_it_is_downloaded_as_it_was_uploaded(api: APIClient, add_file: AddFile) -> None:
    file = add_file("Kaffee", "Prüfung “1”.txt")
    response = api.get(f"/files/{file.pk}/content/")
    assert b"".join(response.streaming_content) == b"Kaffee"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''Pr%C3%BCfung")
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("content", "shown_as", "disposition"),
    [
        (pdf("Coffee"), "application/pdf", "inline"),
        (b"# Coffee\n\nIs *good*.", "text/plain", "inline"),
        (b"<html><body><script>alert(1)</script>Coffee</body></html>", "text/html", "attachment"),
    ],
    ids=["pdf", "markdown", "html"],
)
def test_only_what_is_harmless_opens_in_the_browser(
    api: APIClient, add_file: AddFile, content: bytes, shown_as: str, disposition: str
) -> None:
    file = add_file(content, "file")
    response = api.get(f"/files/{file.pk}/content/", {"inline": "1"})
    assert response["Content-Type"] == shown_as
    assert response["Content-Disposition"].startswith(disposition)
    response.close()


def test_a_file_whose_bytes_are_gone_is_not_found(api: APIClient, add_file: AddFile) -> None:
    file = add_file()
    default_storage.delete(file.file.name)
    assert api.get(f"/files/{file.pk}/content/").status_code == 404


def test_deleting_takes_effect_at_once(api: APIClient, expert: Expert) -> None:
    file = expert.files.get()
    assert api.delete(f"/files/{file.pk}/").json() == {"success": True}
    assert api.get(f"/files/{file.pk}/").status_code == 404
    found = api.post(f"/experts/{expert.pk}/search/", {"query": "coffee"}, format="json")
    assert found.json()["results"] == []


def test_a_file_that_failed_is_tried_again(api: APIClient, waiting_expert: Expert) -> None:
    SourceFile.objects.update(status="failed", error_code="timed_out", error_message="Slow.")
    file = waiting_expert.files.get()
    answer = api.post(f"/files/{file.pk}/retry/").json()["file"]
    assert (answer["status"], answer["error_code"]) == ("pending", "")
    drain()
    assert api.get(f"/files/{file.pk}/").json()["file"]["status"] == "ready"


def test_a_file_that_is_well_is_not_tried_again(api: APIClient, expert: Expert) -> None:
    response = api.post(f"/files/{expert.files.get().pk}/retry/")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_failed")


@pytest.mark.parametrize("identifier", [str(uuid.UUID(int=7)), "not-an-id", "%00"])
def test_a_wrong_id_is_not_found(api: APIClient, identifier: str) -> None:
    response = api.get(f"/files/{identifier}/")
    assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")
