"""Procrastinate, with psycopg."""

from collections.abc import Sequence

from procrastinate import App, PsycopgConnector

from bench.rivals import work
from bench.rivals.rival import BIN, Rival

app = App(connector=PsycopgConnector())
run = app.task(name="work")(work.work_async)  # async: quicker here than a thread for each task


class Procrastinate(Rival):
    name = "Procrastinate"
    packages = ("procrastinate", "psycopg")
    promise = (
        "Durable rows, woken by NOTIFY. A killed worker's job stays `doing` for ever unless one "
        "writes the periodic task that its documentation shows (every 10 minutes, for workers "
        "silent for 30 s)."
    )
    tables = ("procrastinate_jobs", "procrastinate_workers")
    unfinished = "SELECT count(*) FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"

    def set_up(self) -> None:
        app.open()
        app.schema_manager.apply_schema()

    def worker(self, concurrency: int) -> list[str]:
        command = [str(BIN / "procrastinate"), "--app", "bench.rivals.procrastinate.app"]
        return [*command, "worker", "--concurrency", str(concurrency)]

    def enqueue_many(self, keys: Sequence[str]) -> None:
        run.batch_defer(*({"key": key} for key in keys))

    def enqueue(self, key: str, seconds: float = 0.0) -> None:
        run.defer(key=key, seconds=seconds)
