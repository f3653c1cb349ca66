"""Each line of the Procfile works alone, in a shell with .venv/bin on the PATH."""

import signal
import subprocess
from pathlib import Path

import httpx
import pytest
from honcho.environ import parse_procfile

from tests.shell.processes import PROJECT, environment, is_running, wait_until
from tests.shell.product import free_port

pytestmark = pytest.mark.xdist_group("product")  # shares one copy with make run's tests
PRODUCTION = {"DEBUG": "0", "SECRET_KEY": "x" * 60, "ALLOWED_HOSTS": "example.com"}
LINES = parse_procfile((PROJECT / "Procfile").read_text()).processes


def start(name: str, data_dir: Path, **variables: str) -> subprocess.Popen[str]:
    with (data_dir / f"{name}.log").open("w") as log:
        return subprocess.Popen(
            ["sh", "-c", f"exec {LINES[name]}"],
            cwd=PROJECT,
            env=environment(data_dir, **variables),
            stdout=log,
            stderr=log,
        )


def answers(url: str) -> bool:
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


def test_web_is_ready_once_release_has_migrated(data_dir: Path) -> None:
    port = free_port()
    web, site = start("web", data_dir, PORT=str(port)), f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: answers(f"{site}/healthz"))
        assert httpx.get(f"{site}/readyz", timeout=30).status_code == 503
        assert start("release", data_dir, **PRODUCTION).wait(timeout=60) == 0
        assert httpx.get(f"{site}/readyz", timeout=30).status_code == 200
    finally:
        web.terminate()
        assert web.wait(timeout=15) in (0, -signal.SIGTERM)
    said = (data_dir / "release.log").read_text()
    assert "Applying experts.0001_initial... OK" in said
    assert "static files copied" in said or "unmodified" in said  # in production only
    wait_until(lambda: not is_running(data_dir))


def test_worker_starts_and_ends_by_sigterm(home: Path) -> None:
    worker = start("worker", home)
    log = home / "worker.log"
    try:
        wait_until(lambda: "Queue worker started" in log.read_text())
    finally:
        worker.terminate()
        assert worker.wait(timeout=15) in (0, -signal.SIGTERM)
    wait_until(lambda: not is_running(home))


@pytest.mark.parametrize("name", ["release", "web", "worker"])
def test_it_names_the_processes_that_platforms_expect(name: str) -> None:
    assert LINES[name]
