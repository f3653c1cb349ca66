"""Measure how files become passages: `python -m bench.ingestion`, or `--quick`.

What is compared runs in turns in the same run, and ratios say more than rates: those are the
machine's. Sections (reading, overlap, memory, formats) may be named; without, all are measured,
which takes about ten minutes.
"""

import argparse
import os
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "expertsite.settings")
django.setup()

from bench.ingestion.memory import measure_formats, measure_memory
from bench.ingestion.overlap import measure_overlap
from bench.ingestion.reading import measure_reading
from bench.scratch_database import scratch_database


def sections(directory: Path, *, quick: bool) -> dict[str, Callable[[], None]]:
    """What there is to measure; each prints its table."""
    pages = 1_000 if quick else 5_000
    return {
        "reading": partial(measure_reading, directory, pages=200 if quick else 1_000),
        "overlap": partial(measure_overlap, directory, pages=60 if quick else 250),
        "memory": partial(measure_memory, directory, sizes=[10, pages // 5, pages]),
        "formats": partial(measure_formats, directory, scale=0.05 if quick else 1.0),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.ingestion", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller files")
    parser.add_argument("sections", nargs="*", metavar="section")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory, scratch_database("bench_ingestion"):
        known = sections(Path(directory), quick=options.quick)
        if unknown := set(options.sections) - known.keys():
            parser.error(f"no section {', '.join(unknown)}; there are {', '.join(known)}")
        for name in options.sections or known:
            known[name]()


if __name__ == "__main__":
    main()
