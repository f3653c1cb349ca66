"""Found by queueing itself, as every app's tasks.py."""

from bench.rivals import work
from queueing import handler
from queueing.models import ProcessingTask


@handler("work")
def run(task: ProcessingTask) -> None:
    work.work(**task.task_data)
