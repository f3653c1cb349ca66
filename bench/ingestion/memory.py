"""What the worker and its reading process take of memory, from small files to large ones."""

from pathlib import Path

from bench.ingestion.documents import make_pdf, make_sheet, make_slides, make_text
from bench.ingestion.whole import process


def measure_memory(directory: Path, *, sizes: list[int]) -> None:
    print("\nmemory: pages of PDF through the product, vectors for nothing")
    print("     pages  passages   seconds   worker grew by   reading process")
    for pages in sizes:
        path = directory / f"{pages}.pdf"
        make_pdf(path, pages)
        row(f"{pages:10,}", path)


def measure_formats(directory: Path, *, scale: float) -> None:
    """At scale 1: 100 MB of text, 200,000 rows, 300 slides with 80 MB of pictures."""
    print("\nformats: large files through the product, vectors for nothing")
    print("            passages   seconds   worker grew by   reading process   progress told")
    text, sheet, slides = (directory / name for name in ("log.txt", "log.xlsx", "talk.pptx"))
    make_text(text, round(100 * scale))
    make_sheet(sheet, round(200_000 * scale))
    make_slides(slides, round(300 * scale), picture_bytes=270_000)
    for path in (text, sheet, slides):
        row(f"  {path.name:8}", path, told=True)


def row(name: str, path: Path, *, told: bool = False) -> None:
    took = process(path)
    times = f" {took.tellings:15,}" if told else ""
    print(
        f"{name} {took.passages:9,} {took.seconds:9.1f} {took.grown_mb:12.0f} MiB"
        f" {took.reader_mb:13.0f} MiB{times}"
    )
    if took.status != "ready":
        print(f"    ends as {took.status}")
