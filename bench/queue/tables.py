"""What is printed: the machine, and rows that can be pasted into Markdown."""

import platform
from collections.abc import Sequence
from pathlib import Path

import psutil

from bench.queue.scratch import connect


def print_machine() -> None:
    with connect() as connection:
        [(version,)] = connection.execute("SHOW server_version").fetchall()
        [(commits,)] = connection.execute("SHOW synchronous_commit").fetchall()
    print(
        f"{psutil.cpu_count()} cores ({processor()}), {psutil.virtual_memory().total >> 30} GB,"
        f" {platform.system()}, Python {platform.python_version()}, PostgreSQL {version},"
        f" synchronous_commit {commits}, load before {psutil.getloadavg()[0]:.1f}"
    )


def processor() -> str:
    """Its name as the kernel tells it, where it does."""
    known = Path("/proc/cpuinfo")
    lines = known.read_text().splitlines() if known.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def print_table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    print(f"\n{title}\n")
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
    for row in [head, ["-" * width for width in widths], *rows]:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        print(f"| {' | '.join(cells)} |", flush=True)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


def percentile(values: Sequence[float], percent: int) -> float:
    """Of sorted values: the one below which so many percent of them lie."""
    return values[min(len(values) - 1, len(values) * percent // 100)]
