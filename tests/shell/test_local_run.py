"""`make run`: from an empty directory to an answer, and back to nothing."""

import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from tests.shell.processes import is_running, wait_until
from tests.shell.product import Copy, Product

pytestmark = pytest.mark.xdist_group("product")  # they share one copy


def test_it_leads_from_nothing_to_a_cited_answer(product: Product) -> None:
    called = subprocess.run(product.curl(), capture_output=True, text=True, check=True)
    assert '"success":true' in called.stdout.replace(" ", "")
    with product.api() as api:
        guide = api.get("/experts/").json()["results"][-1]
        wait_until(lambda: product.is_ready(guide["id"]), seconds=60)
        question = {"message": "What does Queued (Position 2) mean?"}
        answer = api.post(f"/experts/{guide['id']}/chat/", json=question).json()["answer"]
    assert answer["citations"][0]["file_name"] == "guide.pdf"


def test_the_printed_account_opens_the_dashboard_and_the_admin(product: Product) -> None:
    with httpx.Client(base_url=product.site) as browser:
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


def what_it_has(product: Product) -> tuple[object, ...]:
    """How to sign in, and the names of all experts and files."""
    with product.api() as api:
        lists = [api.get(address).json()["results"] for address in ("/experts/", "/files/")]
    return product.sign_in(), *(sorted(each["name"] for each in found) for found in lists)


def test_a_second_run_makes_nothing_twice(copy: Copy) -> None:
    first = copy.running()
    known = what_it_has(first)
    assert first.stop(signal.SIGTERM) == 0
    assert what_it_has(copy.running()) == known


def test_ctrl_c_leaves_nothing_although_an_event_stream_is_open(product: Product) -> None:
    with product.api() as api:
        expert = api.get("/experts/").json()["results"][0]
        with api.stream("GET", f"/experts/{expert['id']}/events/") as events:
            assert events.status_code == 200
            assert product.stop(signal.SIGINT) == 0
    assert not is_running(product.data_dir)
    wait_until(lambda: not product.processes(), seconds=3)


def test_it_ends_when_its_terminal_is_closed(product: Product) -> None:
    assert product.stop(signal.SIGHUP) == 0
    assert not is_running(product.data_dir)


@pytest.mark.parametrize("name", ["uvicorn", "run_queue_worker"])
def test_when_one_ends_by_itself_the_rest_stops_and_it_says_so(product: Product, name: str) -> None:
    product.find(name).kill()
    assert product.process.wait(timeout=30) == 1
    assert "although nobody asked for it" in product.said
    assert not is_running(product.data_dir)


def test_a_port_in_use_is_told_before_anything_starts(home: Path) -> None:
    product = Product(home)
    with socket.create_server(("127.0.0.1", product.port)):
        assert product.process.wait(timeout=30) == 1
    assert f"Port {product.port} cannot be used" in product.said
    assert not is_running(home)
