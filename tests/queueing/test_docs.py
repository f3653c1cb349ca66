"""The guides about the queue say all there is, and nothing that is not."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import get_commands, load_command_class

from queueing.configuration import Configuration
from queueing.metrics import QueueCollector

GUIDES = Path(settings.BASE_DIR) / "docs"
SYSTEM, QUICK_START = "QUEUE_SYSTEM.md", "QUEUE_QUICK_START.md"
UNITS = {"s": "seconds", "min": "minutes", "h": "hours", "d": "days"}
ROW = re.compile(r"^\| `([A-Z_]+)` \| (.+?) \| .{10,} \|$", re.MULTILINE)


def text_of(guide: str) -> str:
    return (GUIDES / guide).read_text()


def meant(default: str) -> Any:
    """The value that the guide's table names."""
    if match := re.fullmatch(r"(\d+) (s|min|h|d)", default):
        return timedelta(**{UNITS[match[2]]: int(match[1])})
    return {"`True`": True, "`False`": False, "empty": ""}.get(default, default)


def test_every_setting_is_explained_with_its_default() -> None:
    explained = {name: meant(default) for name, default in ROW.findall(text_of(SYSTEM))}
    known = {field.name.upper(): field.default for field in fields(Configuration)}
    assert explained == {
        name: str(default) if type(default) is int else default for name, default in known.items()
    }


def test_every_command_of_the_queue_is_explained() -> None:
    ours = {name for name, app in get_commands().items() if app == "queueing"}
    assert len(ours) == 7
    for name in ours:
        assert f"`{name}" in text_of(SYSTEM)


@pytest.mark.django_db
def test_every_metric_is_explained() -> None:
    for family in QueueCollector().collect():
        assert f"`{family.name}`" in text_of(SYSTEM)


@pytest.mark.parametrize("guide", [SYSTEM, QUICK_START, "operations.md"])
def test_every_option_that_a_guide_mentions_is_there(guide: str) -> None:
    for command, arguments in re.findall(r"manage\.py (\w+)([^\n`|&]*)", text_of(guide)):
        app = get_commands()[command]
        assert isinstance(app, str)
        known = load_command_class(app, command).create_parser("manage.py", command).format_help()
        for option in re.findall(r"(?<!\S)--[a-z-]+", arguments.split(" -- ")[0]):
            assert option in known, f"{command} {option}"


@pytest.mark.parametrize("guide", [SYSTEM, QUICK_START])
def test_the_other_guides_lead_there(guide: str) -> None:
    assert f"](docs/{guide})" in (GUIDES.parent / "README.md").read_text()
    assert f"]({guide})" in text_of("operations.md")


@pytest.mark.parametrize("guide", [SYSTEM, QUICK_START])
def test_its_links_lead_somewhere(guide: str) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", text_of(guide)):
        assert (GUIDES / target).exists(), target
