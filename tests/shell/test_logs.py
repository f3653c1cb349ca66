"""What machines read of the logs."""

import json
import logging
import logging.config
import sys
from typing import Any

import pytest

from expertsite.logs import JsonLines, logging_config


def line_of(message: str, *arguments: object, **fields: Any) -> Any:
    record = logging.LogRecord("queueing.worker", logging.INFO, "", 1, message, arguments, None)
    vars(record).update(fields)
    return json.loads(JsonLines().format(record))


def test_a_line_is_one_object_with_the_fields_of_its_record() -> None:
    line = line_of("Task %s completed", "7", task="7", attempt=1)
    assert line.pop("timestamp").endswith("+00:00")
    assert line == {
        "event": "Task 7 completed",
        "level": "info",
        "logger": "queueing.worker",
        "task": "7",
        "attempt": 1,
    }


def test_an_error_brings_its_traceback() -> None:
    try:
        raise ValueError("It broke")
    except ValueError:
        line = line_of("Task failed", exc_info=sys.exc_info())
    assert line["exception"].endswith("ValueError: It broke")


def test_what_json_does_not_know_is_described() -> None:
    assert line_of("Hello", thing={1, 2})["thing"] == "{1, 2}"


@pytest.mark.parametrize("odd", ["half a \ud83d", 2**64])
def test_no_line_is_dropped_for_what_is_in_it(odd: object) -> None:
    line = line_of("Read %s", "it", odd=odd)
    assert (line["event"], line["odd"]) == ("Read it", odd)


@pytest.mark.parametrize("on_a_screen", [True, False])
def test_an_error_shows_its_variables_on_a_screen_only(
    on_a_screen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1" if on_a_screen else "")
    style = logging_config("console", verbose=False)["formatters"]["line"]
    formatter = logging.config.DictConfigurator({}).configure_formatter(style)
    secret = "-".join(["so", "secret"])
    try:
        raise ValueError(f"{len(secret)} letters")
    except ValueError:
        record = logging.LogRecord("x", logging.ERROR, "", 1, "Failed", (), sys.exc_info())
    line = formatter.format(record)
    assert "ValueError" in line
    assert ("so-secret" in line) is on_a_screen
