"""How fast a PDF becomes passages, beside what PDFium alone takes for its text.

Both sides run in a process of their own, so that starting it is counted.
"""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.ingestion.documents import make_pdf
from experts.extraction.extraction import extract
from experts.extraction.formats import PDF
from experts.ingestion.passages import PageByPage

ROUNDS = 5
ALONE = """
import sys, pypdfium2
document = pypdfium2.PdfDocument(sys.argv[1])
for page in document:
    page.get_textpage().get_text_range()
    page.close()
"""


def measure_reading(directory: Path, *, pages: int) -> None:
    path = directory / "manual.pdf"
    make_pdf(path, pages)
    alone, ours = faster_of_each(lambda: read_alone(path), lambda: passages(path))
    print(f"\nreading: {pages:,} pages of PDF")
    print(f"  PDFium alone         {pages / alone:8,.0f} pages/s")
    print(f"  extracted and split  {pages / ours:8,.0f} pages/s   ratio {alone / ours:.2f}")


def passages(path: Path) -> int:
    cut = PageByPage()
    with extract(path, PDF) as extraction:
        found = sum(1 for page in extraction for _ in cut.add(page))
    return found + len(list(cut.end()))


def read_alone(path: Path) -> None:
    subprocess.run([sys.executable, "-c", ALONE, path], check=True)


def faster_of_each(*works: Callable[[], object]) -> list[float]:
    """The best of five in seconds, taken in turns: other load hits all of them alike."""
    best = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for index, work in enumerate(works):
            began = time.perf_counter()
            work()
            best[index] = min(best[index], time.perf_counter() - began)
    return best
