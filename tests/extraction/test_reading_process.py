"""The reading process can die, hang, flood and eat: it costs the file, never us."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from experts.extraction import process
from experts.extraction.errors import ErrorCode
from experts.extraction.extraction import ReaderUnavailableError, extract
from experts.extraction.formats import PDF, READERS, TEXT
from experts.extraction.limits import Limits
from tests.extraction.files import Outcome, pdf, read_as, read_bytes

MISBEHAVING = "tests.extraction.misbehaving"
TYPE = "test/deed"

Do = Callable[..., Outcome]


@pytest.fixture
def do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Do:
    """Let the reading process do a deed on its second page."""
    monkeypatch.setattr(process, "LAST_SECONDS", 0.5)
    monkeypatch.setitem(READERS, TYPE, (MISBEHAVING,))

    def run(deed: str, limits: Limits | None = None) -> Outcome:
        path = tmp_path / deed
        path.write_text(deed)
        return read_as(TYPE, path, limits=limits)

    return run


@pytest.mark.parametrize(
    ("deed", "limits", "code"),
    [
        ("abort", Limits(), ErrorCode.TOO_COMPLEX),
        ("stop_talking", Limits(), ErrorCode.TOO_COMPLEX),
        ("babble", Limits(), ErrorCode.TOO_COMPLEX),
        ("recurse", Limits(), ErrorCode.TOO_COMPLEX),
        ("give_up", Limits(), ErrorCode.TOO_COMPLEX),
        ("fail", Limits(), ErrorCode.CORRUPT),
        ("fill_disk", Limits(), ErrorCode.CORRUPT),
        ("choke", Limits(), ErrorCode.OUT_OF_MEMORY),
        ("eat_memory", Limits(), ErrorCode.OUT_OF_MEMORY),
        ("burn", Limits(seconds=0.5, seconds_per_page=0), ErrorCode.TIMED_OUT),
        ("sleep", Limits(seconds=0.5, seconds_per_page=0), ErrorCode.TIMED_OUT),
        ("sleep", Limits(silence_seconds=0.5), ErrorCode.TIMED_OUT),
        ("flood", Limits(text_length=100_000), ErrorCode.TOO_LARGE),
    ],
)
def test_each_end_has_its_code_and_keeps_what_came_before(
    do: Do, deed: str, limits: Limits, code: ErrorCode
) -> None:
    outcome = do(deed, limits)
    assert outcome.code == code
    assert outcome.text == "The first part is fine."


def test_it_is_given_no_secrets(do: Do, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("DATABASE_URL", "postgres://secret")
    shown = set(do("show_environment").pages[-1].text.split())
    assert shown <= {"LC_ALL", "LC_CTYPE", "PYTHONPATH", "PYTHONUTF8", "TMPDIR"}


def test_it_inherits_no_files(do: Do) -> None:
    with Path(__file__).open():
        assert int(do("show_files").pages[-1].text) <= 5  # three of its own, the pipe, the listing


def test_what_a_library_prints_is_not_taken_for_a_message(do: Do) -> None:
    assert do("chatter").pages[-1].text == "I said nothing."


def test_an_error_is_told_to_the_log_alone(do: Do, caplog: pytest.LogCaptureFixture) -> None:
    assert do("fail").code == ErrorCode.CORRUPT
    assert "the secret of the house" in caplog.text
    assert "secret" not in ErrorCode.CORRUPT.sentence


def test_another_reader_goes_on_where_one_died(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(READERS, PDF, (MISBEHAVING, "experts.extraction.formats.pdf_pure"))
    outcome = read_bytes(tmp_path, "a.pdf", pdf("One", "Two", "Three"))
    assert [page.text for page in outcome.pages] == ["The first part is fine.", "Two", "Three"]
    assert (outcome.code, outcome.total) == (None, 3)


def test_a_disk_that_is_full_is_not_the_files_fault(do: Do) -> None:
    with pytest.raises(ReaderUnavailableError, match="No space left"):
        do("find_the_disk_full")


def test_a_process_that_cannot_start_is_not_the_files_fault(
    do: Do, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(ReaderUnavailableError):
        do("sleep")


def test_leaving_the_block_ends_it_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(READERS, TYPE, (MISBEHAVING,))
    (tmp_path / "sleep").write_text("sleep")
    with extract(tmp_path / "sleep", TYPE) as extraction:
        pages = iter(extraction)
        next(pages)
        assert readers_of(os.getpid())
    assert not readers_of(os.getpid())


def test_a_slow_listener_costs_the_file_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Words.\n" * 100_000)
    limits = Limits(seconds=1, seconds_per_page=0, silence_seconds=1)
    with extract(tmp_path / "a.txt", TEXT, limits=limits) as extraction:
        pages = iter(extraction)
        next(pages)
        time.sleep(1.2)
        assert len(list(pages)) == 499


def test_it_dies_when_we_are_killed(tmp_path: Path) -> None:
    (tmp_path / "burn").write_text("burn")
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER, str(tmp_path / "burn")], stdout=subprocess.PIPE
    )
    assert worker.stdout
    assert worker.stdout.readline() == b"reading\n"
    (reader,) = readers_of(worker.pid)
    worker.kill()
    worker.wait()
    worker.stdout.close()
    assert gone_within(20, reader)


WORKER = f"""
import sys
from pathlib import Path
from experts.extraction.extraction import extract
from experts.extraction.formats import READERS
READERS["{TYPE}"] = ("{MISBEHAVING}",)
with extract(Path(sys.argv[1]), "{TYPE}") as extraction:
    for page in extraction:
        print("reading", flush=True)
"""


def readers_of(pid: int) -> list[int]:
    """The reading processes of a process that are alive."""
    command = ["ps", "-o", "pid=,stat=,args=", "--ppid", str(pid)]
    found = subprocess.run(command, capture_output=True, text=True)
    rows = [line.split(maxsplit=2) for line in found.stdout.splitlines()]
    return [int(row[0]) for row in rows if row[1] != "Z" and "extraction.child" in row[2]]


def gone_within(seconds: float, pid: int) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False
