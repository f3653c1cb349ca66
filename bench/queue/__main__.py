"""Measure the queue: `python -m bench.queue`, or `--quick` for a run of a few minutes.

Everything happens on a scratch server in var/bench-queue, which is removed at the end. What is
compared runs in turns in the same run, and ratios say more than rates: those are the machine's.
Sections may be named; without, all are measured.
"""

import argparse
from collections.abc import Callable

from bench.queue.scratch import scratch_server


def sections(*, quick: bool) -> dict[str, Callable[[], None]]:
    """What there is to measure; each prints its table."""
    from bench.queue.drain import measure_drain, measure_long_lines
    from bench.queue.enqueueing import measure_enqueueing
    from bench.queue.health import measure_claims, measure_old_snapshot, measure_wear
    from bench.queue.positions import measure_positions
    from bench.queue.waits import measure_pick_up

    long = [50_000] if quick else [200_000, 1_000_000]
    tasks, rounds = (500, 1) if quick else (2000, 7)
    return {
        "drain": lambda: measure_drain(tasks=tasks, rounds=rounds),
        "lines": lambda: measure_long_lines(long, delayed=long[0], tasks=tasks, rounds=rounds),
        "claims": lambda: measure_claims(long, delayed=long[0]),
        "pick-up": lambda: measure_pick_up(
            tasks=50 if quick else 500, idle_seconds=5 if quick else 60
        ),
        "enqueue": lambda: measure_enqueueing(seconds=2 if quick else 10, rounds=1 if quick else 3),
        "positions": lambda: measure_positions([10_000, long[-1]]),
        "wear": lambda: measure_wear(tasks=5000 if quick else 1_000_000),
        "snapshot": lambda: measure_old_snapshot(seconds=5 if quick else 60),
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.queue", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer tasks and rounds")
    parser.add_argument("sections", nargs="*", metavar="section")
    options = parser.parse_args()
    with scratch_server():
        from bench.queue.tables import print_machine

        print_machine()
        known = sections(quick=options.quick)
        if unknown := set(options.sections) - known.keys():
            parser.error(f"no section {', '.join(unknown)}; there are {', '.join(known)}")
        for name in options.sections or known:
            known[name]()


if __name__ == "__main__":
    main()
