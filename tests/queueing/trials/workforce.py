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
        self.workers: list[WorkerProcess] = []

    def start(self, *arguments: str, settings: str = "quick_settings") -> WorkerProcess:
        self._started += 1
        log = self._logs / f"worker-{self._started}.log"
        variables = self._server.variables(settings)
        self.workers.append(WorkerProcess(*arguments, log=log, variables=variables))
        return self.workers[-1]

    def await_start(self) -> None:
        """Until every worker works."""
        for worker in self.workers:
            eventually(lambda worker=worker: worker.has_said("Queue worker started"), seconds=60)

    def end(self) -> None:
        for worker in self.workers:
            worker.end()
