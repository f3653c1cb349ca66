"""Logs: key=value lines for a person at a terminal, JSON lines for a machine."""

import os
import sys
from typing import Any, Literal

import structlog


def logging_config(style: Literal["console", "json"], *, verbose: bool) -> dict[str, Any]:
    """Settings for `logging.config.dictConfig`; `extra=` fields of a record appear in its line."""
    shared = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
    ]
    renderer: Any = (
        structlog.dev.ConsoleRenderer(pad_event_to=0, colors=_on_a_screen())
        if style == "console"
        else structlog.processors.JSONRenderer()
    )
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if style == "json":
        last.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": shared,
                "processors": [*last, renderer],
            }
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
