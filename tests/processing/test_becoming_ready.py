"""From a selection of files to an expert that can be talked to."""

import pytest
from rest_framework.test import APIClient

from experts.models import Passage, PassageVector, SourceFile
from experts.progress import progress_of
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.documents import long_text, pdf
from tests.processing.conftest import MakeExpert

pytestmark = pytest.mark.django_db(transaction=True)


def test_it_is_queued_first_and_says_where(expert_of: MakeExpert) -> None:
    progress = progress_of(expert_of("Deduct the coffee."))
    assert progress["stage"] == "queued"
    assert progress["status"] == "pending"
    assert progress["queue_position"] == 1
    assert progress["progress_percentage"] == 0
    assert progress["details"] == {"message": "Waiting in queue for processing"}


def test_it_becomes_ready(expert_of: MakeExpert) -> None:
    expert = expert_of(pdf("Deduct the coffee.", "Tea stays."))
    drain()
    progress = progress_of(expert)
    assert (progress["stage"], progress["progress_percentage"]) == ("completed", 100)
    assert progress["queue_position"] is None
    assert SourceFile.objects.get().status == "ready"
    assert type(expert).objects.get().is_ready


def test_every_passage_points_at_its_place(expert_of: MakeExpert) -> None:
    expert_of(pdf(long_text(80), long_text(80, about="Tea")))
    drain()
    pages = {page.number: page for page in SourceFile.objects.get().source_pages.all()}
    passages = list(Passage.objects.all())
    assert {passage.page for passage in passages} == {1, 2}
    for passage in passages:
        assert pages[passage.page].text[passage.start : passage.end] == passage.text


def test_a_sentence_over_a_page_break_is_found_with_both_pages(
    expert_of: MakeExpert, api: APIClient
) -> None:
    first = f"{long_text(12)} Receipts for coffee that guests have had at"
    expert = expert_of(pdf(first, f"the counter are kept for seven years. {long_text(30)}"))
    drain()
    question = {"query": "How long are receipts of guests kept?", "limit": 1}
    [hit] = api.post(f"/experts/{expert.pk}/search/", question, format="json").json()["results"]
    assert "guests have had at\nthe counter are kept for seven years." in hit["text"]
    assert (hit["page"], hit["last_page"], hit["location"]) == (1, 2, "Pages 1–2")


def test_every_passage_has_one_vector(expert_of: MakeExpert) -> None:
    expert_of(long_text(400))
    drain()
    assert Passage.objects.count() > 5
    assert PassageVector.objects.count() == Passage.objects.count()


def test_a_file_is_read_once_for_all_experts(
    expert_of: MakeExpert, monkeypatch: pytest.MonkeyPatch
) -> None:
    expert_of("Deduct the coffee.")
    drain()
    monkeypatch.setattr("experts.ingestion.pipeline.Reading", None)  # would raise when called
    second = expert_of("Deduct the coffee.")
    drain()
    assert progress_of(second)["status"] == "completed"
    assert SourceFile.objects.count() == 1


def test_a_bad_file_fails_alone(expert_of: MakeExpert) -> None:
    expert = expert_of("Deduct the coffee.", b"%PDF-1.4\nthis is no PDF")
    drain()
    bad = SourceFile.objects.get(media_type="application/pdf")
    assert (bad.status, bad.error_code) == ("failed", "corrupt")
    progress = progress_of(expert)
    assert progress["status"] == "completed"
    assert [warning["code"] for warning in progress["details"]["warnings"]] == ["corrupt"]


def test_without_any_text_it_has_failed_and_says_why(expert_of: MakeExpert) -> None:
    expert = expert_of(pdf("", ""), b"%PDF-1.4\nthis is no PDF")
    drain()
    progress = progress_of(expert)
    assert (progress["stage"], progress["status"]) == ("failed", "failed")
    assert "None of the files had text" in progress["details"]["message"]
    codes = [warning["code"] for warning in progress["details"]["warnings"]]
    assert codes == ["no_text", "corrupt"]
    task = ProcessingTask.objects.get()
    assert (task.status, task.attempt) == ("failed", 1)


def test_with_one_file_the_reason_is_that_files(expert_of: MakeExpert) -> None:
    expert = expert_of(b"%PDF-1.4\nthis is no PDF")
    drain()
    message = progress_of(expert)["details"]["message"]
    assert message == SourceFile.objects.get().error_message


def test_a_deleted_expert_costs_nothing(expert_of: MakeExpert) -> None:
    expert = expert_of("Deduct the coffee.")
    type(expert).objects.all().delete()  # behind the queue's back
    drain()
    assert ProcessingTask.objects.get().status == "completed"
    assert SourceFile.objects.get().status == "pending"
