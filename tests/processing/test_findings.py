"""What a person is told about pages that could not be read."""

import pytest

from experts.extraction.errors import ExtractionError
from experts.extraction.formats import MAIL, PDF, PPTX, XLSX
from experts.ingestion.findings import nothing_found, ranges, warnings_of
from experts.models import SourceFile, SourcePage
from tests.factories import SourceFileFactory


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], ""), ([3], "3"), ([3, 4], "3–4"), ([1, 3, 4, 5, 9], "1, 3–5, 9")],
)
def test_ranges(numbers: list[int], words: str) -> None:
    assert ranges(numbers) == words


@pytest.mark.django_db
def test_pages_without_text_are_named_by_kind() -> None:
    file: SourceFile = SourceFileFactory(media_type=PDF)
    for number, (condition, scanned) in enumerate(
        [("text", False), ("no_text", True), ("no_text", True), ("garbled", False)], start=1
    ):
        SourcePage.objects.create(
            source_file=file, number=number, condition=condition, scanned=scanned
        )
    found = warnings_of(file, None)
    assert [(warning["code"], warning["pages"]) for warning in found] == [
        ("garbled", [4]),
        ("no_text", [2, 3]),
    ]
    assert found[1]["message"].startswith("Pages 2–3 have no text, only a scan.")


@pytest.mark.django_db
def test_a_scan_beside_text_is_named_too() -> None:
    file: SourceFile = SourceFileFactory(media_type=PPTX)
    for number, scanned in enumerate([False, True, True], start=1):
        SourcePage.objects.create(source_file=file, number=number, text="Title", scanned=scanned)
    (warning,) = warnings_of(file, None)
    assert (warning["code"], warning["pages"]) == ("no_text", [2, 3])
    assert warning["message"].startswith("Slides 2–3 have a picture that looks like text")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("conditions", "code"),
    [
        (["garbled", "garbled", "no_text"], "garbled"),
        (["garbled", "no_text", "blank"], "no_text"),
        (["blank"], "no_text"),
    ],
)
def test_why_there_is_no_text_is_told_by_most_pages(conditions: list[str], code: str) -> None:
    file = SourceFileFactory()
    for number, condition in enumerate(conditions, start=1):
        SourcePage.objects.create(source_file=file, number=number, condition=condition)
    assert nothing_found(file).code == code


@pytest.mark.django_db
def test_an_attachment_that_cannot_be_read_is_named() -> None:
    file = SourceFileFactory(media_type=MAIL)
    SourcePage.objects.create(
        source_file=file, number=2, condition="garbled", location="secret.pdf"
    )
    (warning,) = warnings_of(file, None)
    assert warning["message"].startswith("Section 2 (secret.pdf) has text that cannot be read")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("media_type", "pieces"), [(PDF, "pages"), (PPTX, "slides"), (XLSX, "sections")]
)
def test_an_early_end_is_told(media_type: str, pieces: str) -> None:
    file = SourceFileFactory(pages_read=12, media_type=media_type)
    (warning,) = warnings_of(file, ExtractionError("timed_out"))
    assert warning["code"] == "timed_out"
    assert warning["message"].startswith(f"Only the first 12 {pieces} could be read.")
