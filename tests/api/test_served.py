"""The API in a real server: streams that stream, and end."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.contrib.auth.models import User
from django.db import connection

from experts.models import Expert, Message
from experts.operations import create_expert, upload_file
from experts.tokens import create_token
from queueing.testing import drain
from tests.api.conftest import COFFEE
from tests.api.progressing import advance, listeners
from tests.api.serving import NAME, SECONDS, WORDS, Web, serving, until
from tests.documents import upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("served")]

QUESTION = {"message": "Is coffee for guests deductible?"}
STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(scope="module")
def shared_web(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Web]:
    with django_db_blocker.unblock(), serving(tmp_path_factory.mktemp("web")) as web:
        yield web


@pytest.fixture
def web(shared_web: Web, transactional_db: None) -> Web:
    return shared_web


@pytest.fixture
def program(web: Web, alice: User) -> Iterator[httpx.Client]:
    """Alice's program, over HTTP."""
    with program_for(alice, web) as program:
        yield program


@contextmanager
def program_for(user: User, web: Web) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Token {create_token(user)}"}
    limits = httpx.Limits(max_connections=100)
    with httpx.Client(base_url=web.url, headers=headers, timeout=30, limits=limits) as client:
        yield client


@pytest.fixture
def expert(alice: User) -> Expert:
    file = upload_file(upload(COFFEE, "coffee.txt"), owner=alice).file
    made = create_expert(owner=alice, name="Tax guide", files=[file]).expert
    drain()
    return made


@contextmanager
def events(program: httpx.Client, path: str, **options: Any) -> Iterator[Iterator[tuple[str, Any]]]:
    """Iterate over (name, data) of the events of a stream."""
    method = "POST" if options else "GET"
    with program.stream(method, path, headers=STREAM, **options) as response:
        assert (response.status_code, response.headers["Content-Type"]) == (200, STREAM["Accept"])
        yield parsed(response.iter_lines())


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    name = ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            yield name, json.loads(value)


def test_a_change_of_progress_arrives(program: httpx.Client, expert: Expert) -> None:
    with events(program, f"/experts/{expert.pk}/events/") as stream:
        assert next(stream)[1]["progress_percentage"] == 100
        began = time.monotonic()
        advance(expert, 40)
        name, progress = next(stream)
    assert (name, progress["progress_percentage"]) == ("progress", 40)
    assert time.monotonic() - began < 2.5


def test_forty_viewers_hold_one_connection(program: httpx.Client, expert: Expert) -> None:
    with ExitStack() as stack:
        path = f"/experts/{expert.pk}/events/"
        streams = [stack.enter_context(events(program, path)) for _ in range(40)]
        assert {next(stream)[0] for stream in streams} == {"progress"}
        assert listeners() == 1
        assert program.get("/experts/").json()["count"] == 1
    until(lambda: listeners() == 0)


def test_a_stranger_gets_no_events(web: Web, bob: User, expert: Expert) -> None:
    with program_for(bob, web) as program:
        response = program.get(f"/experts/{expert.pk}/events/", headers=STREAM)
        assert (response.status_code, response.json()["error"]["code"]) == (404, "not_found")


def test_an_answer_comes_word_by_word(program: httpx.Client, expert: Expert) -> None:
    program.post(f"/experts/{expert.pk}/search/", json={"query": "warm up"})
    began = time.monotonic()
    with events(program, f"/experts/{expert.pk}/chat/", json=QUESTION) as stream:
        assert next(stream) == ("token", {"text": "word0"})
        first = time.monotonic() - began
        names = [name for name, _ in stream]
    assert names[-1] == "done"
    assert first < WORDS * SECONDS / 2 < time.monotonic() - began


def test_slow_answers_hold_no_connection(program: httpx.Client, expert: Expert) -> None:
    """There are twenty in the pool."""
    with ExitStack() as stack:
        path = f"/experts/{expert.pk}/chat/"
        for _ in range(22):
            stream = stack.enter_context(events(program, path, json=QUESTION))
            assert next(stream)[0] == "token"
        assert program.get("/experts/").status_code == 200


def test_who_stops_listening_stops_the_answerer(
    web: Web, program: httpx.Client, expert: Expert
) -> None:
    ended = web.said().count("The answerer ends.")
    with events(program, f"/experts/{expert.pk}/chat/", json=QUESTION) as stream:
        assert next(stream)[0] == "token"
    until(lambda: web.said().count("The answerer ends.") > ended, seconds=2)
    until(lambda: Message.objects.filter(role="expert", text__startswith="word0").exists())
    assert "Traceback" not in web.said()


def test_a_large_file_is_streamed(program: httpx.Client) -> None:
    content = b"Coffee is deductible. " * 200_000
    uploaded = program.post("/files/", files={"file": ("large.txt", content)}).json()
    response = program.get(f"/files/{uploaded['files'][0]['id']}/content/")
    assert response.content == content
    assert response.headers["Content-Length"] == str(len(content))


def test_a_body_without_end_is_refused_while_it_arrives(web: Web) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(10_000):  # 640 MB, of which 2.5 are let in
            yield b" " * (1 << 16)

    try:
        response = httpx.post(f"{web.url}/experts/", content=endless(), timeout=30)
    except httpx.WriteError:  # the connection was closed before the answer was read
        response = None
    if response:
        assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")
    until(lambda: "Refused a body of more than" in web.said())


def test_a_body_in_chunks_is_read(program: httpx.Client, expert: Expert) -> None:
    chunks = iter([b'{"query": ', b'"coffee"}'])
    headers = {"Content-Type": "application/json"}
    path = f"/experts/{expert.pk}/search/"
    response = program.post(path, content=chunks, headers=headers)
    assert len(response.json()["results"]) == 1


def test_a_server_that_is_told_to_stop_ends_its_streams(
    tmp_path: Path, alice: User, expert: Expert
) -> None:
    with serving(tmp_path) as web, program_for(alice, web) as program:
        with events(program, f"/experts/{expert.pk}/events/") as stream:
            next(stream)
            began = time.monotonic()
            web.process.send_signal(signal.SIGTERM)
            assert list(stream) == []
        web.process.wait(timeout=10)
        assert time.monotonic() - began < 3
        assert "Traceback" not in web.said()


def test_a_server_cut_off_from_the_database_goes_on_when_it_is_back(
    program: httpx.Client, expert: Expert
) -> None:
    assert program.get("/experts/").status_code == 200
    with connection.cursor() as operator:
        operator.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [NAME],
        )
    assert program.get("/experts/").status_code == 200
