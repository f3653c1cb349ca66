"""How fast a PDF becomes passages, beside what PDFium alone takes for its text.

    python -m bench.ingestion [--pages 1000]

The document is made on the spot. Both sides run in a process of their own, so that starting
it is counted. The memory shown is resident.
"""

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from fpdf import FPDF

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from experts.ingestion.extraction import extract
from experts.ingestion.formats import PDF
from experts.ingestion.splitting import split

PARAGRAPH = (
    "The pump of station {n} is serviced every {months} months. Close the inlet valve first, "
    "then wait until the gauge reads zero; the housing stays hot for about ten minutes. "
    "Replace the seal if it shows cracks, and note the date in the log of the station. "
)
ROUNDS = 5
ALONE = """
import sys, pypdfium2
document = pypdfium2.PdfDocument(sys.argv[1])
for page in document:
    page.get_textpage().get_text_range()
    page.close()
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000)
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "manual.pdf"
        make_document(path, pages)
        before = resident()
        alone, ours = faster_of_each(lambda: read_alone(path), lambda: passages(path))
    print(f"{pages:,} pages, {path.name}")
    print(f"  PDFium alone         {pages / alone:8,.0f} pages/s")
    print(f"  extracted and split  {pages / ours:8,.0f} pages/s   ratio {alone / ours:.2f}")
    print(f"  this process grew by {resident() - before:8,.1f} MiB")
    print(f"  largest child        {peak_of_children():8,.1f} MiB")


def make_document(path: Path, pages: int) -> None:
    """About 2,400 characters a page, as a manual has."""
    document = FPDF()
    document.set_font("Helvetica", size=10)
    for number in range(1, pages + 1):
        document.add_page()
        document.multi_cell(0, 5, f"Station {number}", new_x="LMARGIN", new_y="NEXT")
        text = PARAGRAPH.format(n=number, months=number % 12 + 1)
        document.multi_cell(0, 5, "\n".join([text * 3] * 3))
    document.output(str(path))


def passages(path: Path) -> int:
    with extract(path, PDF) as extraction:
        return sum(len(split(page.text)) for page in extraction)


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


def resident() -> float:
    """Memory of this process now, in MiB (0 where the system does not say)."""
    status = Path("/proc/self/statm")
    pages = int(status.read_text().split()[1]) if status.exists() else 0
    return pages * resource.getpagesize() / (1 << 20)


def peak_of_children() -> float:
    """The most that any process of ours held, in MiB."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most / (1 << (20 if sys.platform == "darwin" else 10))


if __name__ == "__main__":
    main()
