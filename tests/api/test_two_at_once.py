"""Two people create at the same moment: nobody waits, and each has a place of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import close_old_connections
from rest_framework.test import APIClient

from experts.operations.processing import queue_processing
from queueing.testing import drain
from tests.factories import SourceFileFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def create_together(people: list[User]) -> list[dict[str, Any]]:
    """Each creates an expert, over a connection of their own, all at the same moment."""
    files = [SourceFileFactory(owner=person) for person in people]
    together = Barrier(len(people))

    def create(number: int) -> dict[str, Any]:
        api = APIClient()
        api.force_authenticate(people[number])
        body = {"name": "Guide", "selected_files": [str(files[number].pk)]}
        together.wait()
        try:
            response = api.post("/experts/", body, format="json")
        finally:
            close_old_connections()
        return {"status": response.status_code, **response.json()}

    with ThreadPoolExecutor(len(people)) as threads:
        return list(threads.map(create, range(len(people))))


def test_whoever_is_still_committing_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    def slowly(*arguments: Any, **options: Any) -> Any:
        task = queue_processing(*arguments, **options)
        time.sleep(0.3)  # between joining the line and the commit
        return task

    monkeypatch.setattr("experts.operations.experts.queue_processing", slowly)
    answers = create_together(UserFactory.create_batch(2))
    assert {answer["file_processing"]["queue_position"] for answer in answers} == {1, 2}


@pytest.mark.parametrize("count", [2, 8])
def test_everybody_gets_a_place_of_their_own(count: int) -> None:
    answers = create_together(UserFactory.create_batch(count))
    assert [answer["status"] for answer in answers] == [201] * count
    places = [answer["file_processing"]["queue_position"] for answer in answers]
    assert sorted(places) == list(range(1, count + 1))
    assert {task.status for task in drain()} == {"completed"}


def test_one_key_sent_twice_at_once_makes_one_expert() -> None:
    person = UserFactory()
    file = SourceFileFactory(owner=person)
    together = Barrier(2)

    def create(_: int) -> Any:
        api = APIClient()
        api.force_authenticate(person)
        body = {"name": "Guide", "selected_files": [str(file.pk)]}
        together.wait()
        try:
            response = api.post(
                "/experts/", body, format="json", headers={"Idempotency-Key": "once"}
            )
        finally:
            close_old_connections()
        return response.status_code, response.json()["expert"]["id"]

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.map(create, range(2))
    assert first == second
    assert person.experts.count() == 1
