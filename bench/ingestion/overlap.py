"""Reading, embedding and storing side by side: how much longer than the slowest of them."""

from pathlib import Path

from bench.ingestion.documents import make_pdf
from bench.ingestion.whole import Slowness, process

SECONDS = 12.0  # that each of the stages is made to take


def measure_overlap(directory: Path, *, pages: int) -> None:
    path = directory / "manual.pdf"
    make_pdf(path, pages)
    free = process(path)
    print(f"\noverlap: {pages:,} pages of PDF, {free.passages:,} passages")
    compare("with the local model", path, [Slowness(), Slowness(local=True)], Slowness(local=True))
    read = Slowness(per_page=SECONDS / pages)
    embed = Slowness(per_passage=SECONDS / free.passages)
    store = Slowness(per_stored=SECONDS / free.passages)
    every = Slowness(read.per_page, embed.per_passage, store.per_stored)
    compare("all three made slow", path, [read, embed, store], every)
    compare("slow to read", path, [read, Slowness()], read)


def compare(name: str, path: Path, stages: list[Slowness], together: Slowness) -> None:
    """Each stage as the only slow one, then all of them; a file is never read quicker than that."""
    alone = [process(path, stage).seconds for stage in stages]
    whole = process(path, together).seconds
    said = ", ".join(f"{seconds:.1f} s" for seconds in alone)
    print(f"  {name}: alone {said}; side by side {whole:.1f} s")
    print(f"    {whole / max(alone):.2f} of the slowest, {whole / sum(alone):.2f} of their sum")
