"""The worker processes of a trial."""

from pathlib import Path

from tests.queueing.conftest import WorkerProcess, eventually
from tests.queueing.trials.server import ScratchServer


class Workforce:
    """Workers on one scratch server; each has a log of its own in `logs`."""

    def __init__(self, server: ScratchServer, logs: Path) -> None:
        self._server = server
        self._logs = logs
        self._started = 0
        self._arguments: tuple[tuple[str, ...], str] = (), "quick_settings"
        self.workers: list[WorkerProcess] = []

    def start(
        self, *arguments: str, settings: str = "quick_settings", host: Path | None = None
    ) -> WorkerProcess:
        self._started += 1
        log = self._logs / f"worker-{self._started}.log"
        variables = self._server.variables(settings, host=host)
        worker = WorkerProcess(*arguments, log=log, variables=variables)
        self.workers.append(worker)
        self._arguments = arguments, settings
        return worker

    def replace(self, dead: WorkerProcess) -> None:
        """Start another like the last one in its place."""
        arguments, settings = self._arguments
        self.workers.remove(dead)
        self.start(*arguments, settings=settings)

    def await_start(self) -> None:
        """Until every worker works."""
        for worker in self.workers:
            eventually(lambda worker=worker: worker.has_said("Queue worker started"), seconds=60)

    def end(self) -> None:
        for worker in self.workers:
            worker.end()
