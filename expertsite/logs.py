"""Logs: key=value lines for a person at a terminal, JSON lines for a machine."""

import json
import logging
import os
import sys
from datetime import UTC, datetime
from typing import Any, Literal

import orjson
import structlog
from structlog.dev import default_exception_formatter as with_variables  # for a person's eyes only
from structlog.dev import plain_traceback

KNOWN = {*vars(logging.makeLogRecord({})), "message", "asctime"}  # what every record has

# No line shows its thread, its process or its place in the code, and a quarter of its time would
# go into finding these. https://docs.python.org/3/howto/logging.html#optimization
logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
logging._srcfile = None

AS_JSON = json.JSONEncoder(default=str).encode


class JsonLines(logging.Formatter):
    """One JSON object a line, with the `extra=` fields of the record.

    Written by hand: the worker logs two lines a task, and structlog's chain takes several
    times as long for each.
    """

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "event": record.getMessage(),
            "level": record.levelname.lower(),
            "logger": record.name,
            "timestamp": datetime.fromtimestamp(record.created, UTC),
        }
        line |= {name: value for name, value in vars(record).items() if name not in KNOWN}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(line, default=repr).decode()
        except TypeError:  # half a character, a number beyond 64 bits: no line is dropped for it
            return AS_JSON(line)


def logging_config(style: Literal["console", "json"], *, verbose: bool) -> dict[str, Any]:
    """Settings for `logging.config.dictConfig`; `extra=` fields of a record appear in its line."""
    on_a_screen = _on_a_screen()
    for_people = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": [
            structlog.stdlib.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ExtraAdder(),
        ],
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.dev.ConsoleRenderer(
                pad_event_to=0,
                colors=on_a_screen,
                exception_formatter=with_variables if on_a_screen else plain_traceback,
            ),
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": for_people if style == "console" else {"()": JsonLines},
        },
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": "DEBUG" if verbose else "INFO"},
        "loggers": {
            "django": {"handlers": []},  # its own would say everything a second time
            "httpx": {"level": "WARNING"},
            "httpx2": {"level": "WARNING"},
            "pinecone": {"level": "WARNING"},
            "pypdf": {"level": "ERROR"},
            "pdfminer": {"level": "ERROR"},
        },
    }


def _on_a_screen() -> bool:
    """Whether a person sees the colours; `make run` says so for what it relays."""
    return sys.stderr.isatty() or bool(os.environ.get("FORCE_COLOR"))
