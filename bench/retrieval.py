"""How well and how fast the product finds passages without a key.

    python -m bench.retrieval [DIRECTORY] [--paged 3000]

Takes the corpora and questions of ../shared/retrieval-data, or of another directory, into a
scratch database by the product's own splitter, embedder and index; whole, or cut between words
into pages of so many characters, as paper would. Prints R@5, the share of the reference
characters that the first five passages cover, averaged over the questions; the share of
questions refused as being about something else; and times.
"""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from csv import DictReader
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean, median
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")
django.setup()

from django.contrib.auth.models import User
from django.db import connection

from bench.scratch_database import scratch_database
from experts.extraction.pages import ExtractedPage
from experts.extraction.quality import Condition
from experts.ingestion.passages import PageByPage
from experts.models import Passage, SourceFile, SourcePage
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


def main(data: Path, letters: int | None) -> None:
    if not (data / "corpora").is_dir():
        print(f"No questions to measure with: {data} is not there.")
        return
    with scratch_database("bench_retrieval"):
        file_ids = store(data, letters)
        measure_finding(data, file_ids)
        measure_refusing(data, file_ids)


def store(data: Path, letters: int | None) -> list[UUID]:
    """The corpora as ready files with passages, vectors and postings; returns their ids."""
    owner = User.objects.create(username="bench")
    get_embedder().embed_query("load the model before the clock starts")
    began = time.perf_counter()
    files = [learn(path, owner, letters) for path in sorted((data / "corpora").glob("*.md"))]
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    passages = Passage.objects.count()
    print(f"{passages} passages stored in {seconds:.0f} s, {passages / seconds:.0f} a second")
    return [file.pk for file in files]


def pages_of(text: str, letters: int | None) -> Iterator[str]:
    """The text in pages that end between words."""
    begun = 0
    while letters and len(text) - begun > letters:
        end = text.rfind(" ", begun, begun + letters) + 1 or begun + letters
        yield text[begun:end]
        begun = end
    yield text[begun:]


def learn(path: Path, owner: User, letters: int | None) -> SourceFile:
    text = path.read_bytes().decode()  # line breaks as they are: references count characters
    name = path.stem
    embedder, vectors = get_embedder(), get_vector_store()
    file = SourceFile.objects.create(
        owner=owner,
        name=name,
        size=len(text),
        sha256=name,
        status="ready",
        embedding_model=embedder.name,  # else the files are on their way, and any word counts
    )
    pages = [
        ExtractedPage(number, f"Page {number}", page, Condition.TEXT, follows=number > 1)
        for number, page in enumerate(pages_of(text, letters), start=1)
    ]
    SourcePage.objects.bulk_create(
        SourcePage(source_file=file, number=page.number, text=page.text) for page in pages
    )
    cut = PageByPage()
    pieces = [piece for page in pages for piece in cut.add(page)] + list(cut.end())
    Passage.objects.bulk_create(
        Passage(source_file=file, ordinal=ordinal, **piece._asdict())
        for ordinal, piece in enumerate(pieces)
    )
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
    found = characters(span for passage in passages for span in spans(passage))
    wanted = characters(question.references)
    return len(wanted & found) / len(wanted)


def spans(passage: Passage) -> Iterator[tuple[str, int, int]]:
    """Where it stands in the corpus: on its page, and on the next one, if it goes on there."""
    name, first = passage.source_file.name, begins(passage.source_file_id, passage.page)
    yield name, first + passage.start, first + passage.end
    if passage.next_start is not None and passage.next_end is not None:
        second = begins(passage.source_file_id, passage.page + 1)
        yield name, second + passage.next_start, second + passage.next_end


@cache
def begins(file_id: UUID, number: int) -> int:
    """Characters of the corpus before this page."""
    before = SourcePage.objects.filter(source_file=file_id, number__lt=number)
    return sum(len(text) for text in before.values_list("text", flat=True))


def characters(spans: Iterable[tuple[str, int, int]]) -> set[tuple[str, int]]:
    return {(corpus, place) for corpus, start, end in spans for place in range(start, end)}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, nargs="?", default=DATA)
    parser.add_argument("--paged", type=int, metavar="CHARACTERS")
    arguments = parser.parse_args()
    main(arguments.data, arguments.paged)
