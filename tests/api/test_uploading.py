"""POST /files/: each file is taken or refused for itself."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings
from rest_framework.response import Response
from rest_framework.test import APIClient

from experts.models import SourceFile
from tests.documents import pdf, upload


def post(api: APIClient, *files: SimpleUploadedFile) -> Response:
    return api.post("/files/", {"file": list(files)}, format="multipart")


def test_it_answers_with_the_file(api: APIClient) -> None:
    response = post(api, upload(pdf("Coffee"), "coffee.pdf"))
    assert response.status_code == 201
    [file] = response.json()["files"]
    assert file.pop("id") == str(SourceFile.objects.get().pk)
    assert file.pop("sha256") == SourceFile.objects.get().sha256
    assert file.pop("size") > 0
    assert file == {
        "name": "coffee.pdf",
        "media_type": "application/pdf",
        "status": "pending",
        "duplicate": False,
    }


def test_the_same_bytes_are_a_success_that_says_so(api: APIClient) -> None:
    [first] = post(api, upload("Coffee", "a.txt")).json()["files"]
    response = post(api, upload("Coffee", "b.txt"))
    assert response.status_code == 201
    [second] = response.json()["files"]
    assert (second["id"], second["duplicate"]) == (first["id"], True)


def test_a_refused_file_does_not_harm_the_others(api: APIClient) -> None:
    response = post(api, upload("Coffee", "a.txt"), upload("", "b.txt"), upload("Tea", "c.txt"))
    assert response.status_code == 201
    taken, refused, also_taken = response.json()["files"]
    assert (taken["name"], also_taken["name"]) == ("a.txt", "c.txt")
    assert (refused["name"], refused["error"]["code"]) == ("b.txt", "empty")
    assert SourceFile.objects.count() == 2


@pytest.mark.parametrize(
    ("content", "status", "code"),
    [(b"", 400, "empty"), (b"\x00\x01\x02" * 500, 415, "unsupported_type")],
)
def test_when_all_are_refused_so_is_the_request(
    api: APIClient, content: bytes, status: int, code: str
) -> None:
    response = post(api, upload(content, "thing.bin"))
    body = response.json()
    assert (response.status_code, body["success"]) == (status, False)
    assert body["error"]["code"] == body["files"][0]["error"]["code"] == code
    assert not SourceFile.objects.exists()


def test_a_file_that_is_too_large_is_stopped_on_its_way(api: APIClient, settings: Settings) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    response = post(api, upload("x" * 5000, "large.txt"))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    assert "Split it" in response.json()["error"]["message"]


def test_beside_a_file_that_is_too_large_the_others_stand(
    api: APIClient, settings: Settings
) -> None:
    settings.MAX_UPLOAD_BYTES = 1000
    response = post(api, upload("x" * 5000, "large.txt"), upload("Coffee", "small.txt"))
    assert response.status_code == 201
    assert [file["name"] for file in response.json()["files"]] == ["small.txt", "large.txt"]


def test_it_asks_for_a_file(api: APIClient) -> None:
    response = api.post("/files/", {"other": "x"}, format="multipart")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "no_file")


def test_there_is_a_limit_to_files_at_once(api: APIClient, settings: Settings) -> None:
    settings.MAX_FILES_PER_UPLOAD = 2
    response = post(api, *(upload(f"Text {number}") for number in range(3)))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_many_files")
    assert not SourceFile.objects.exists()


def test_far_too_many_parts_are_not_even_read(api: APIClient) -> None:
    response = post(api, *(upload(f"Text {number}") for number in range(101)))
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_many_files")


def test_a_form_that_is_cut_off_is_refused(api: APIClient) -> None:
    response = api.post("/files/", b"--cut", content_type="multipart/form-data; boundary=")
    assert (response.status_code, response.json()["error"]["code"]) == (400, "parse_error")


def test_json_is_no_way_to_upload(api: APIClient) -> None:
    response = api.post("/files/", {"file": "x"}, format="json")
    assert (response.status_code, response.json()["error"]["code"]) == (
        415,
        "unsupported_media_type",
    )
