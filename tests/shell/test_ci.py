"""`.ci/run` on a machine without Chromium: it installs what is missing, then runs every check."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shell.processes import PROJECT

NOTED = '#!/bin/sh\necho "$(basename "$0") $* CI=$CI" >> "$NOTES"\n'


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A PATH with little on it; apt-get and make only note how they were called."""
    for name in ("bash", "sh", "dirname", "basename", "id", "env", "grep", "sleep"):
        found = shutil.which(name)
        assert found
        (tmp_path / name).symlink_to(found)
    program(tmp_path / "python3", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    program(tmp_path / "apt-get", NOTED)
    program(tmp_path / "sudo", '#!/bin/sh\nshift\nexec "$@"\n')
    program(tmp_path / "make", NOTED + "exit 7\n")
    return tmp_path


def program(path: Path, text: str) -> None:
    path.unlink(missing_ok=True)  # never write through a link
    path.write_text(text)
    path.chmod(0o755)


def run(machine: Path) -> tuple[int, str]:
    notes = machine / "notes"
    done = subprocess.run(
        [PROJECT / ".ci/run"],
        env={"PATH": str(machine), "NOTES": str(notes), "HOME": os.environ.get("HOME", "/")},
        check=False,
        capture_output=True,
    )
    return done.returncode, notes.read_text()


def test_it_installs_chromium_and_ends_as_the_tests_do(machine: Path) -> None:
    code, notes = run(machine)
    assert code == 7
    assert "chromium" in notes
    assert notes.endswith("make test CI=true\n")


def test_it_installs_nothing_where_everything_is_there(machine: Path) -> None:
    if not Path("/usr/share/fonts/truetype/dejavu").is_dir():
        pytest.skip("the fonts are missing here")
    program(machine / "chromium", NOTED)
    assert run(machine) == (7, "make test CI=true\n")


def test_it_tries_again_when_the_registry_does_not_answer(machine: Path) -> None:
    program(machine / "sleep", "#!/bin/sh\n")
    program(machine / "apt-get", NOTED + '[ "$(grep -c apt-get "$NOTES")" -gt 2 ]\n')
    code, notes = run(machine)
    assert code == 7
    assert notes.count("apt-get update") == 3
