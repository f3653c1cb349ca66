"""The table in Markdown, as it stands in docs/benchmarks.md."""

import os
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

import psycopg

from bench.rivals.rival import Rival

HEAD = """\
| | drain, 1 at a time | 10 at a time | pick-up p50 | p99 | rescued by another | by a restarted |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |"""


@dataclass
class Figures:
    """Of one rival, over all rounds."""

    drains: dict[int, list[float]] = field(default_factory=dict)  # tasks a second
    pick_ups: list[float] = field(default_factory=list)  # milliseconds
    rescues: list[float | None] = field(default_factory=list)  # seconds

    def row(self, name: str, rescue_bound: float) -> str:
        drains = [self._drain(concurrency) for concurrency in (1, 10)]
        pick_ups = [f"{percentile(self.pick_ups, share):,.1f} ms" for share in (0.5, 0.99)]
        late = f"not in {rescue_bound:.0f} s"
        rescues = [late if each is None else f"{each:.1f} s" for each in self.rescues]
        rescues += ["–"] * (2 - len(rescues))  # a quick run kills but once
        return f"| {' | '.join([name, *drains, *pick_ups, *rescues])} |"

    def _drain(self, concurrency: int) -> str:
        """The best round: other load only ever takes away."""
        rates = self.drains.get(concurrency)
        return f"{max(rates):,.0f}/s" if rates else "–"


def percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


def table(figures: dict[Rival, Figures], rescue_bound: float) -> str:
    rows = [each.row(rival.name, rescue_bound) for rival, each in figures.items()]
    return "\n".join([HEAD, *rows])


def promises(rivals: Sequence[Rival]) -> str:
    return "\n".join(f"- **{rival.name}** ({versions(rival)}): {rival.promise}" for rival in rivals)


def versions(rival: Rival) -> str:
    return ", ".join(f"{package} {version(package)}" for package in rival.packages)


def machine() -> str:
    """Processor, versions, and how busy it was at the start."""
    with psycopg.connect() as connection:
        postgres = connection.info.parameter_status("server_version")
    return (
        f"{os.cpu_count()} cores ({processor()}), {platform.system()}, Python"
        f" {platform.python_version()}, PostgreSQL {postgres} and {redis_version()} with their"
        f" default settings, both over Unix sockets; load {os.getloadavg()[0]:.1f} at the start"
    )


def processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def redis_version() -> str:
    said = subprocess.run(["redis-server", "--version"], capture_output=True, text=True, check=True)
    return "Redis " + said.stdout.partition("v=")[2].partition(" ")[0]
