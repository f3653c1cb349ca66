"""The environment: every problem told at once, every variable documented."""

import re
from pathlib import Path

import pytest

from expertsite.environment import Environment
from tests.shell.processes import PROJECT, manage

NAMES = sorted(name.upper() for name in Environment.model_fields)


def test_every_problem_is_told_at_once_and_without_a_traceback(data_dir: Path) -> None:
    done = manage("check", data_dir=data_dir, DEBUG="0", PORT="many", EMBEDDER="parrot")
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    told = re.findall(r"^  - (\w+):", done.stderr, re.MULTILINE)
    assert told == ["SECRET_KEY", "ALLOWED_HOSTS", "PORT", "EMBEDDER"]


def test_a_key_may_end_in_a_line_break_and_holds_nothing_that_a_key_cannot(
    data_dir: Path,
) -> None:
    assert Environment(openai_api_key="sk-example\n").openai_api_key == "sk-example"
    done = manage("check", data_dir=data_dir, PINECONE_API_KEY="pc-ex“ample")
    assert "PINECONE_API_KEY: has a character that no key has; copy it once more" in done.stderr
    assert "ample" not in done.stderr


def test_production_starts_once_it_knows_who_it_is(data_dir: Path) -> None:
    who = {"SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "a.example, b.example"}
    assert manage("check", data_dir=data_dir, DEBUG="0", **who).returncode == 0


@pytest.mark.parametrize("name", NAMES)
def test_the_guide_for_operators_documents(name: str) -> None:
    assert f"| `{name}` |" in (PROJECT / "docs/operations.md").read_text()


@pytest.mark.parametrize("name", NAMES)
def test_the_example_file_has(name: str) -> None:
    example = (PROJECT / ".env.example").read_text()
    assert re.search(rf"^#?{name}=", example, re.MULTILINE)


def test_the_example_file_alone_makes_a_development_copy() -> None:
    example = PROJECT / ".env.example"
    assert Environment(_env_file=example).debug
