"""The guide for programs: every call that it shows works as it stands."""

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.shell.processes import PROJECT, wait_until
from tests.shell.product import Product

pytestmark = pytest.mark.xdist_group("product")  # shares one copy with make run's tests
GUIDE = (PROJECT / "docs/api.md").read_text()
CALLS = re.findall(r"^```sh\n(.*?)^```", GUIDE, re.MULTILINE | re.DOTALL)
DOWNLOADS = ("--output", "--no-buffer")  # calls that do not answer with JSON


def call(shell: str, variables: dict[str, str], directory: Path) -> str:
    shell = shell.replace("docs/guide.pdf", str(PROJECT / "docs/guide.pdf"))
    done = subprocess.run(
        ["bash", "-c", shell], env=variables, cwd=directory, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode in (0, 28), done.stderr  # 28: an event stream, listened to for a while
    return done.stdout


def learn(variables: dict[str, str], answer: dict[str, object], product: Product) -> None:
    """Set FILE and EXPERT from the answers in which they first appear, as a reader would."""
    if "files" in answer and "FILE" not in variables:
        variables["FILE"] = answer["files"][0]["id"]
    if "file_processing" in answer and "EXPERT" not in variables:
        variables["EXPERT"] = answer["expert"]["id"]
        wait_until(lambda: product.is_ready(variables["EXPERT"]), seconds=60)


def test_every_call_of_the_guide_works(product: Product, tmp_path: Path) -> None:
    token = product.token()
    variables = {"SITE": product.site, "TOKEN": token, "PATH": "/usr/local/bin:/usr/bin:/bin"}
    for shell in CALLS:
        said = call(shell, variables, tmp_path)
        if not any(word in shell for word in DOWNLOADS):
            answer = json.loads(said)
            assert answer["success"] is True, (shell, answer)
            learn(variables, answer, product)
        elif "events/" in shell:
            assert "event: progress" in said
        elif "event-stream" in shell:
            assert "event: done" in said
    assert (tmp_path / "copy.pdf").read_bytes() == (PROJECT / "docs/guide.pdf").read_bytes()


def test_the_guide_names_every_call_of_the_schema() -> None:
    from drf_spectacular.generators import SchemaGenerator

    paths = SchemaGenerator().get_schema(public=True)["paths"]
    written = re.sub(r"\$\w+", "{id}", GUIDE)
    missing = [path for path in paths if re.sub(r"\{\w+\}", "{id}", path) not in written]
    assert missing == []
