"""Measure all rivals in one run, taking turns: `make bench-rivals`.

Prints a table in Markdown: how quickly each drains no-op tasks, how soon an idle worker begins a
task after the commit of its enqueue, and when the task of a worker killed with -9 runs again.
Takes eight minutes at most, with --quick two. Where the load is high, only the rescues and the
waits of those that poll are worth keeping.
"""

import argparse
import os
import shutil
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from bench.rivals.marks import Marks
from bench.rivals.processes import postgres, redis
from bench.rivals.report import Figures, machine, promises, table
from bench.rivals.rival import Rival
from bench.rivals.trials import Bounds, Trials

RIVALS = {
    "queueing": ("ours", "Ours"),
    "django-tasks": ("django_tasks", "DjangoTasks"),
    "procrastinate": ("procrastinate", "Procrastinate"),
    "pgqueuer": ("pgqueuer", "PgQueuer"),
    "celery": ("celery", "Celery"),
    "django-q2": ("django_q2", "DjangoQ2"),
}
ROUNDS_WITHIN = 300.0  # seconds; a round that would end later is left out
QUICK = Bounds(tasks=500, drain=3.0, pick_ups=20, picking_up=4.0, rescue=20.0)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench.rivals", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one small round, one kill")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, default=Path("var/bench/rivals-data"))
    parser.add_argument("--only", nargs="+", choices=RIVALS, default=list(RIVALS))
    options = parser.parse_args()
    if not shutil.which("redis-server"):
        sys.exit("There is no redis-server for Celery (on Debian: apt-get install redis-server).")
    with tempfile.TemporaryDirectory(prefix="rivals-") as scratch:
        postgres(options.data)
        with redis(Path(scratch)):
            measure(options, Path(scratch))


def measure(options: argparse.Namespace, scratch: Path) -> None:
    bounds = QUICK if options.quick else Bounds()
    os.environ["RIVALS_MARKS"] = str(scratch / "marks")
    logs = options.data / "logs"
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir()
    trials = Trials(Marks(scratch / "marks"), logs, bounds)
    about = machine()
    figures = {rival: Figures() for rival in map(set_up, options.only)}
    take_turns(trials, figures, rounds=1 if options.quick else options.rounds)
    for is_another_alive in (True,) if options.quick else (True, False):
        say(f"kill -9, {'another alive' if is_another_alive else 'restarted'}: all together")
        seconds = trials.rescues(list(figures), is_another_alive=is_another_alive)
        for rival, each in figures.items():
            each.rescues.append(seconds[rival.key])
    about += f", {os.getloadavg()[0]:.1f} at the end"
    print(f"{about}.\n\n{table(figures, bounds.rescue)}\n\n{promises(list(figures))}")


def take_turns(trials: Trials, figures: dict[Rival, Figures], *, rounds: int) -> None:
    began_at = time.monotonic()
    for number in range(rounds):
        spent = time.monotonic() - began_at
        if number and spent + spent / number > ROUNDS_WITHIN:
            say(f"no round {number + 1}: the machine is too busy")
            return
        say(f"round {number + 1}")
        take_a_turn(trials, figures)


def set_up(name: str) -> Rival:
    module, kind = RIVALS[name]
    rival: Rival = getattr(import_module(f"bench.rivals.{module}"), kind)()
    rival.set_up()
    return rival


def take_a_turn(trials: Trials, figures: dict[Rival, Figures]) -> None:
    """What is compared follows one another at once, so that other load is about the same."""
    for concurrency in (1, 10):
        for rival, each in figures.items():
            if concurrency in rival.concurrencies:
                rate = trials.drain(rival, concurrency)
                say(f"  {rival.name}: {rate:,.0f} tasks/s at concurrency {concurrency}")
                each.drains.setdefault(concurrency, []).append(rate)
    for rival, each in figures.items():
        each.pick_ups += trials.pick_ups(rival)


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
