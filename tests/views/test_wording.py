"""What a progress sounds like to a person."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experts.views.wording import StateWords, in_words


def words(status: str, stage: str = "", /, **fields: Any) -> StateWords:
    progress = {
        "status": status,
        "stage": stage or status,
        "queue_position": None,
        "task_id": None,
        "progress_percentage": 0,
        "details": {},
        "worker_online": True,
    }
    return in_words(progress | fields)


def working(stage: str, **details: Any) -> StateWords:
    return words("processing", stage, progress_percentage=62, details=details)


def test_a_queued_expert_says_where_it_stands() -> None:
    said = words("pending", "queued", queue_position=2, eta_range_seconds=[200, 260])
    assert (said.tone, said.headline, said.aside) == ("queued", "Queued (Position 2)", "Waiting…")
    assert (said.pulsing, said.percent, said.detail) == (True, None, "about 3–4 min")
    assert said.note == ""


def test_it_says_when_no_worker_is_running() -> None:
    assert words("pending", queue_position=1, worker_online=False).note == "No worker is running"


def test_a_task_that_waits_for_its_next_try_has_no_position() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=4, seconds=5)
    said = words("pending", "queued", retry_at=soon.isoformat())
    assert (said.headline, said.detail) == ("Queued", "It will be tried again in 4 min")


def test_what_keeps_a_vendor_from_working_is_said_with_the_time_of_the_next_try() -> None:
    soon = datetime.now(UTC) + timedelta(minutes=4, seconds=5)
    details = {"message": "Pinecone did not answer within 20 s."}
    said = words("pending", "queued", retry_at=soon.isoformat(), details=details)
    assert said.detail == ("Pinecone did not answer within 20 s. It will be tried again in 4 min.")


def test_a_long_pause_of_a_vendor_is_named_with_its_end() -> None:
    later = datetime.now(UTC) + timedelta(minutes=6, seconds=5)
    details = {"message": "Paused by OpenAI, which asks for fewer requests."}
    said = words("pending", "queued", retry_at=later.isoformat(), details=details)
    assert said.detail == "Paused by OpenAI, resumes in 6 min"


def test_embedding_shows_its_percentage_and_its_counters() -> None:
    said = working(
        "generating_embeddings",
        stage_percentage=45,
        current_file=1,
        total_files=1,
        current_batch=45,
        total_batches=100,
        current_chunk=450,
        total_chunks=1000,
        current_page=12,
        total_pages=12,
    )
    assert said.headline == "Generating embeddings… 45%"
    assert said.detail == "File 1/1 • Batch 45/100 • Chunk 450/1000"
    assert (said.percent, said.aside) == (62, "62%")


def test_extracting_counts_pages() -> None:
    said = working(
        "extracting_text",
        stage_percentage=25,
        current_file=2,
        total_files=3,
        current_page=3,
        total_pages=12,
    )
    assert (said.headline, said.detail) == ("Extracting text… 25%", "File 2/3 • Page 3/12")


def test_pages_of_unknown_number_are_not_counted_against_nothing() -> None:
    said = working(
        "extracting_text", current_file=1, total_files=1, current_page=3, total_pages=None
    )
    assert said.detail == "File 1/1"


def test_the_message_of_the_work_comes_first() -> None:
    said = working("generating_embeddings", message="Paused by OpenAI, resumes in 38 s")
    assert said.headline == "Paused by OpenAI, resumes in 38 s"


def test_what_is_spoken_changes_with_the_stage_only() -> None:
    early = working("generating_embeddings", stage_percentage=4)
    late = working("generating_embeddings", stage_percentage=90)
    assert early.spoken == late.spoken == "Generating embeddings"


def test_ready_says_from_how_many_files() -> None:
    said = words("completed", details={"total_files": 3})
    assert (said.tone, said.headline, said.detail) == ("ready", "Ready", "Learnt from 3 files")


def test_ready_with_warnings_names_the_files_and_the_reasons() -> None:
    warning = {"file_name": "scan.pdf", "message": "No text on some pages.", "pages": [3, 4, 5, 9]}
    said = words("completed", details={"total_files": 2, "warnings": [warning]})
    [warned] = said.warnings
    assert said.headline == "Ready with warnings"
    assert (warned.file, warned.words) == ("scan.pdf", "No text on some pages. (pages 3–5, 9)")


@pytest.mark.parametrize("status", ["failed", "cancelled"])
def test_what_ended_early_says_why_and_can_be_retried(status: str) -> None:
    said = words(status, details={"message": "The file is locked."})
    assert (said.detail, said.can_retry, said.can_cancel) == ("The file is locked.", True, False)
    assert "Retry" in said.locked


def test_the_locked_chat_says_how_long() -> None:
    said = words("pending", "queued", queue_position=1, eta_range_seconds=[20, 40])
    assert said.locked == "Chat opens when the files are read. Less than a minute."


@pytest.mark.parametrize(
    ("stage", "conditions"),
    [
        ("file_processing", "done current ahead ahead ahead"),
        ("generating_embeddings", "done done current ahead ahead"),
        ("storing_vectors", "done done done current ahead"),
    ],
)
def test_the_stepper_stands_at_the_stage(stage: str, conditions: str) -> None:
    assert [step.condition for step in working(stage).steps] == conditions.split()
