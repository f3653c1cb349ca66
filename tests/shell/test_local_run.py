"""`make run`: from an empty directory to an answer, and back to nothing."""

import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.shell.processes import is_running, wait_until
from tests.shell.product import Product, running

pytestmark = pytest.mark.xdist_group("product")  # they would only slow each other down


def test_it_leads_from_nothing_to_a_cited_answer_and_leaves_nothing(data_dir: Path) -> None:
    with running(data_dir) as product:
        called = subprocess.run(product.curl(), capture_output=True, text=True, check=True)
        assert '"success":true' in called.stdout.replace(" ", "")
        with product.api() as api:
            guide = api.get("/experts/").json()["results"][-1]
            wait_until(lambda: product.is_ready(guide["id"]), seconds=60)
            question = {"message": "What does Queued (Position 2) mean?"}
            answer = api.post(f"/experts/{guide['id']}/chat/", json=question).json()["answer"]
        assert answer["citations"][0]["file_name"] == "guide.pdf"
        assert product.stop(signal.SIGINT) == 0
        assert not is_running(data_dir)
        wait_until(lambda: not product.processes(), seconds=3)


def test_a_second_run_makes_nothing_twice(home: Path) -> None:
    with running(home) as first:
        password = first.sign_in()
        assert first.stop(signal.SIGTERM) == 0
    with running(home) as second:
        assert second.sign_in() == password
        with second.api() as api:
            assert api.get("/experts/").json()["count"] == 1
            assert api.get("/files/").json()["count"] == 5
        assert second.stop(signal.SIGHUP) == 0  # the terminal was closed


def test_the_printed_account_opens_the_dashboard_and_the_admin(home: Path) -> None:
    with running(home) as product, httpx.Client(base_url=product.site) as browser:
        username, password = product.sign_in()
        browser.get("/accounts/login/")
        form = {
            "username": username,
            "password": password,
            "csrfmiddlewaretoken": browser.cookies["csrftoken"],
        }
        signed_in = browser.post("/accounts/login/", data=form)
        assert signed_in.headers["location"] == "/dashboard/"
        assert "Expertsite guide" in browser.get("/dashboard/").text
        assert browser.get("/admin/").status_code == 200


def test_an_open_event_stream_does_not_hold_it(home: Path) -> None:
    with running(home) as product, product.api() as api:
        expert = api.get("/experts/").json()["results"][0]
        with api.stream("GET", f"/experts/{expert['id']}/events/") as events:
            assert events.status_code == 200
            assert product.stop() == 0


@pytest.mark.parametrize("name", ["uvicorn", "run_queue_worker"])
def test_when_one_ends_by_itself_the_rest_stops_and_it_says_so(home: Path, name: str) -> None:
    with running(home) as product:
        product.find(name).kill()
        assert product.process.wait(timeout=30) == 1
        assert "although nobody asked for it" in product.said
        assert not is_running(home)


def test_a_port_in_use_is_told_before_anything_starts(home: Path) -> None:
    product = Product(home)
    with socket.create_server(("127.0.0.1", product.port)):
        assert product.process.wait(timeout=30) == 1
    assert f"Port {product.port} cannot be used" in product.said
    assert not is_running(home)
