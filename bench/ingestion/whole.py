"""One file through the whole product in a process of its own, and what that took."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

import django
import psutil

if __name__ == "__main__":
    django.setup()

from django.conf import settings
from django.contrib.auth.models import User
from django.core.files import File
from django.db import connection
from psycopg.conninfo import make_conninfo

from experts import providers
from experts.database import connection_parameters
from experts.extraction.extraction import ExtractedPage, Extraction
from experts.models import ExpertProcessingProgress, Passage, SourceFile
from experts.operations import create_expert, upload_file
from experts.providers.base import Vector
from experts.providers.pgvector_store import PgvectorStore
from queueing.sessions import prepare_worker_sessions
from queueing.testing import drain

KEYS = ("host", "port", "user", "password", "dbname")
MIB = 1 << 20


@dataclass(frozen=True)
class Slowness:
    """Seconds that each stage takes more than it would; `local` embeds with the real model."""

    per_page: float = 0.0
    per_passage: float = 0.0
    per_stored: float = 0.0
    local: bool = False


@dataclass(frozen=True)
class Took:
    """Memory is what the worker grew by above its idle state, and the reading process's peak."""

    seconds: float
    status: str
    passages: int
    grown_mb: float
    reader_mb: float
    tellings: int  # how often the progress told something else


def process(path: Path, slowness: Slowness = Slowness()) -> Took:
    """Upload a file, let an expert learn it, and forget it again; in a fresh process."""
    parameters = connection_parameters()
    environment = os.environ | {
        "DATABASE_URL": make_conninfo(**{key: parameters.get(key) for key in KEYS})
    }
    command = [sys.executable, "-m", "bench.ingestion.whole", str(path)]
    done = subprocess.run(
        [*command, json.dumps(asdict(slowness))],
        env=environment,
        stdout=subprocess.PIPE,
        check=True,
    )
    return Took(**json.loads(done.stdout.splitlines()[-1]))


class FreeEmbedder:
    """Vectors for nothing, so that the rest is measured; or for as many seconds as wanted."""

    name, dimensions, off_topic_below = "free", 8, 0.0
    batch_size, batch_tokens = 32, None

    def __init__(self, per_passage: float) -> None:
        self._per_passage = per_passage

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        time.sleep(self._per_passage * len(texts))
        return [[1.0] + [0.0] * 7 for _ in texts]

    def embed_query(self, text: str) -> Vector:
        return [1.0] + [0.0] * 7


def slow_down(slowness: Slowness) -> None:
    """For the rest of this process."""
    chosen, free = providers.provider, FreeEmbedder(slowness.per_passage)

    def provider(kind: str, choice: str) -> Any:
        return free if kind == "EMBEDDER" else chosen(kind, choice)

    if not slowness.local:
        patch.object(providers, "provider", provider).start()
    read, upsert = Extraction.__iter__, PgvectorStore.upsert

    def slow_read(self: Extraction) -> Iterator[ExtractedPage]:
        for page in read(self):
            time.sleep(slowness.per_page)
            yield page

    def slow_upsert(
        self: PgvectorStore, passages: Sequence[Passage], *rest: Any, model: str
    ) -> None:
        time.sleep(slowness.per_stored * len(passages))
        upsert(self, passages, *rest, model=model)

    patch.object(Extraction, "__iter__", slow_read).start()
    patch.object(PgvectorStore, "upsert", slow_upsert).start()


@contextmanager
def watched() -> Iterator[tuple[list[int], list[int]]]:
    """The resident memory of this process and of what it starts, looked at fifty times a second.

    Bytes. What the kernel says of a process that has ended includes what started it.
    """
    me, over = psutil.Process(), threading.Event()
    worker, readers = [me.memory_info().rss], [0]

    def watch() -> None:
        while not over.wait(0.02):
            worker.append(me.memory_info().rss)
            with suppress(psutil.NoSuchProcess):
                readers.extend(child.memory_info().rss for child in me.children())

    thread = threading.Thread(target=watch)
    thread.start()
    yield worker, readers
    over.set()
    thread.join()


def main(path: Path, slowness: Slowness) -> Took:
    prepare_worker_sessions()
    settings.MAX_UPLOAD_BYTES = 1 << 40
    settings.DEBUG = False  # which keeps statements, and this thread's connection is there already
    slow_down(slowness)
    owner, _ = User.objects.get_or_create(username="bench")
    with path.open("rb") as content:
        file = upload_file(File(content, name=path.name), owner=owner).file
    providers.get_embedder().embed_query("Load the model before the clock starts.")
    expert = create_expert(owner=owner, name="Bench", files=[file]).expert
    told = count_tellings()
    with watched() as (worker, readers):
        began = time.perf_counter()
        drain()
        seconds = time.perf_counter() - began
    took = Took(
        seconds=seconds,
        status=SourceFile.objects.get(pk=file.pk).status,
        passages=Passage.objects.of_files([file.pk]).count(),
        grown_mb=(max(worker) - worker[0]) / MIB,
        reader_mb=max(readers) / MIB,
        tellings=len(told),
    )
    file.file.delete(save=False)
    expert.delete()
    file.delete()
    return took


def count_tellings() -> list[Any]:
    """Every message of the progress that differs from the one before."""
    told: list[Any] = []
    advance = ExpertProcessingProgress.objects.advance

    def counted(*arguments: Any, **named: Any) -> int:
        if told[-1:] != [named["details"]]:
            told.append(named["details"])
        return advance(*arguments, **named)

    patch.object(ExpertProcessingProgress.objects, "advance", counted).start()
    return told


if __name__ == "__main__":
    result = main(Path(sys.argv[1]), Slowness(**json.loads(sys.argv[2])))
    connection.close()
    print(json.dumps(asdict(result)))
