"""The comparison that comes round each day, and who sees it."""

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from experts.models import Expert
from experts.models.places import folders
from queueing import enqueue
from queueing.handlers import handlers
from queueing.testing import drain
from tests.vendors.messages import Reset
from tests.vendors.reconciling.commands import old_object, reconcile
from tests.vendors.standin import StandIn
from tests.views.html import text, texts

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)

QUEUE = "/dashboard/queue/"


def test_the_daily_task_reports_and_mends_nothing(
    expert: Expert, caplog: pytest.LogCaptureFixture
) -> None:
    name = old_object(f"{folders()[0]}/2026/01/left-over")
    task = enqueue("reconcile")
    drain()
    task.refresh_from_db()
    assert task.result["objects"] == {"orphans": 1, "gaps": 0}
    assert f"objects, orphan: {name}" in caplog.text
    assert default_storage.exists(name)


def test_operators_see_what_the_daily_task_found_and_metrics_have_it(
    expert: Expert, admin_client: Client, vendors: StandIn
) -> None:
    assert "still to come" in text(admin_client.get(QUEUE), "#comparison")
    old_object(f"{folders()[0]}/2026/01/left-over")
    vendors.misbehave("/namespaces", Reset(), times=9)
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    page = admin_client.get(QUEUE)
    said = texts(page, "#comparison td:nth-child(2)")
    assert said[0] == "All agree"
    assert said[1].startswith("Not compared. The connection to Pinecone failed")
    assert said[2] == "1 orphan"
    assert "do not agree with the database" in text(page, "#queue")
    figures = admin_client.get("/metrics").content.decode()
    assert 'experts_compared_findings{fault="orphans",kind="objects"} 1.0' in figures
    assert 'experts_compared_findings{fault="trouble",kind="vectors"} 1.0' in figures
    assert "experts_compared_at_seconds 1" in figures


def test_after_a_repair_operators_soon_see_that_all_agrees(
    expert: Expert, admin_client: Client
) -> None:
    old_object(f"{folders()[0]}/2026/01/left-over")
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    assert "do not agree" in text(admin_client.get(QUEUE), "#queue")
    reconcile(repair=True)
    drain(skip_delays=True)
    assert "do not agree" not in text(admin_client.get(QUEUE), "#queue")


def test_where_all_agrees_operators_are_told_nothing_else(
    expert: Expert, admin_client: Client
) -> None:
    enqueue("reconcile", idempotency_key="every 86400 s, 1")
    drain()
    page = admin_client.get(QUEUE)
    assert texts(page, "#comparison td:nth-child(2)") == ["All agree"] * 3
    assert "do not agree" not in text(page, "#queue")


def test_it_comes_round_each_day() -> None:
    assert handlers["reconcile"].every
    assert handlers["reconcile"].every.days == 1
