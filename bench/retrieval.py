"""How well and how fast the product finds passages without a key: `python -m bench.retrieval`.

Takes the corpora and questions of ../shared/retrieval-data, or of the directory given as an
argument, into a scratch database by the product's own splitter, embedder and index. Prints
R@5, the share of the reference characters that the first five passages cover, averaged over the
questions; the share of questions refused as being about something else; and times.
"""

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from csv import DictReader
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")
django.setup()

from django.contrib.auth.models import User
from django.db import connection

from bench.scratch_database import scratch_database
from experts.ingestion.splitting import split
from experts.models import Passage, SourceFile
from experts.providers import get_embedder, get_vector_store
from experts.providers.tokens import passage_batches
from experts.retrieval import bm25
from experts.retrieval.indexing import index_passages
from experts.retrieval.search import nearest, search

DATA = Path(__file__).resolve().parent.parent.parent / "shared" / "retrieval-data"
LIMIT = 5
OFF_TOPIC = [
    "How do I bake sourdough bread?",
    "Which chord follows the dominant in a deceptive cadence?",
    "How long should I boil an egg?",
    "What is the offside rule in football?",
    "How do I change a flat bicycle tyre?",
    "Which moons of Jupiter did Galileo see?",
    "What do koalas eat?",
    "How do I knit a scarf for a beginner?",
    "Who painted the ceiling of the Sistine Chapel?",
    "What is the best opening in chess against e4?",
    "How are violins tuned?",
    "When should tomatoes be planted outdoors?",
]


@dataclass(frozen=True)
class Question:
    """A question and the spans, in characters, of the corpora that answer it."""

    text: str
    references: list[tuple[str, int, int]]


Finder = Callable[[str], Sequence[int]]


def literal(data: Path) -> list[Question]:
    with (data / "general.csv").open(newline="") as file:
        return [
            Question(
                row["question"],
                [
                    (row["corpus_id"], reference["start_index"], reference["end_index"])
                    for reference in json.loads(row["references"])
                ],
            )
            for row in DictReader(file)
        ]


def paraphrased(data: Path) -> list[Question]:
    return [
        Question(
            entry["question"],
            [(each["corpus"], each["start"], each["end"]) for each in entry["references"]],
        )
        for entry in json.loads((data / "paraphrase.json").read_text())
    ]


def main(data: Path) -> None:
    if not (data / "corpora").is_dir():
        print(f"No questions to measure with: {data} is not there.")
        return
    with scratch_database("bench_retrieval"):
        file_ids = store(data)
        measure_finding(data, file_ids)
        measure_refusing(data, file_ids)


def store(data: Path) -> list[UUID]:
    """The corpora as ready files with passages, vectors and postings; returns their ids."""
    owner = User.objects.create(username="bench")
    get_embedder().embed_query("load the model before the clock starts")
    began = time.perf_counter()
    files = [learn(path, owner) for path in sorted((data / "corpora").glob("*.md"))]
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    passages = Passage.objects.count()
    print(f"{passages} passages stored in {seconds:.0f} s, {passages / seconds:.0f} a second")
    return [file.pk for file in files]


def learn(path: Path, owner: User) -> SourceFile:
    text = path.read_bytes().decode()  # line breaks as they are: references count characters
    name = path.stem
    file = SourceFile.objects.create(
        owner=owner, name=name, size=len(text), sha256=name, status="ready"
    )
    Passage.objects.bulk_create(
        Passage(
            source_file=file,
            ordinal=ordinal,
            page=1,
            location="Page 1",
            start=start,
            end=end,
            text=text[start:end],
        )
        for ordinal, (start, end) in enumerate(split(text))
    )
    embedder, vectors = get_embedder(), get_vector_store()
    for batch in passage_batches(vectors.missing(file, model=embedder.name), embedder):
        made = embedder.embed_passages([passage.text for passage in batch])
        vectors.upsert(batch, made, model=embedder.name)
    index_passages(file.pk)
    return file


def measure_finding(data: Path, file_ids: list[UUID]) -> None:
    """R@5 in percent and milliseconds a question, by words, by meaning and by both."""
    finders: dict[str, Finder] = {
        "words": lambda query: list(bm25.rank(query, file_ids=file_ids, limit=LIMIT).scores),
        "meaning": lambda query: list(nearest(query, file_ids=file_ids))[:LIMIT],
        "both": lambda query: [
            hit.passage.pk for hit in search(query, file_ids=file_ids, limit=LIMIT).hits
        ],
    }
    kinds = {"literal": literal(data), "paraphrased": paraphrased(data)}
    print(f"{'R@5':8}" + "".join(f"{f'{kind} ({len(kinds[kind])})':>20}" for kind in kinds))
    for name, finder in finders.items():
        figures = [recall(finder, questions) for questions in kinds.values()]
        times = [timed(finder, question.text) for question in kinds["literal"][:100]]
        row = "".join(f"{figure:20.1f}" for figure in figures)
        print(f"{name:8}{row}{1000 * median(times):12.1f} ms")


def measure_refusing(data: Path, file_ids: list[UUID]) -> None:
    near = json.loads((data / "unanswerable.json").read_text())
    asked = {
        "off topic": OFF_TOPIC,
        "near topic": [entry["question"] for entry in near],
        "literal": [question.text for question in literal(data)],
        "paraphrased": [question.text for question in paraphrased(data)],
    }
    for kind, questions in asked.items():
        refused = fmean(not search(text, file_ids=file_ids).confident for text in questions)
        print(f"refused of {kind} questions: {100 * refused:.1f} %")


def timed(finder: Finder, query: str) -> float:
    began = time.perf_counter()
    finder(query)
    return time.perf_counter() - began


def recall(finder: Finder, questions: Sequence[Question]) -> float:
    """R@5 in percent."""
    return 100 * fmean(covered(question, finder(question.text)) for question in questions)


def covered(question: Question, passage_ids: Sequence[int]) -> float:
    """The share of the question's reference characters that lie in the passages."""
    passages = Passage.objects.select_related("source_file").filter(pk__in=passage_ids)
    found = characters((each.source_file.name, each.start, each.end) for each in passages)
    wanted = characters(question.references)
    return len(wanted & found) / len(wanted)


def characters(spans: Iterable[tuple[str, int, int]]) -> set[tuple[str, int]]:
    return {(corpus, place) for corpus, start, end in spans for place in range(start, end)}


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
