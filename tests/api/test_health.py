"""What load balancers ask."""

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from experts.api.views import health
from queueing.models import Pause


def test_the_process_answers_without_a_database() -> None:
    response = Client().get("/healthz")
    assert (response.status_code, response.json()["status"]) == (200, "alive")


@pytest.mark.django_db
def test_it_is_ready_without_a_worker_and_says_that_there_is_none() -> None:
    response = Client().get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "success": True,
        "status": "ready",
        "database": "ok",
        "migrations": "ok",
        "workers_online": 0,
        "oldest_wait_seconds": 0,
        "paused": False,
    }


@pytest.mark.django_db
def test_it_says_when_the_queue_is_paused() -> None:
    Pause.begin()
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["paused"]) == (200, True)


@pytest.mark.django_db
def test_it_is_not_ready_before_the_migrations() -> None:
    MigrationRecorder.Migration.objects.filter(app="experts").delete()
    response = Client().get("/readyz")
    assert response.status_code == 503
    assert "manage.py migrate" in response.json()["migrations"]


@pytest.mark.django_db
def test_it_is_not_ready_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    nowhere = {"host": "127.0.0.1", "port": 1, "dbname": "secret"}
    monkeypatch.setattr(health, "connection_parameters", lambda: nowhere)
    response = Client().get("/readyz")
    assert (response.status_code, response.json()["database"]) == (503, "away")
    assert "127.0.0.1" not in response.content.decode()
