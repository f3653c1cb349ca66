"""What is left of the work on an expert, for estimates of its end."""

import pytest

from experts.models import ExpertProcessingProgress
from experts.tasks import remaining
from queueing import enqueue
from tests.factories import ExpertFactory


@pytest.mark.django_db
def test_what_is_left_follows_the_progress_that_people_see() -> None:
    expert = ExpertFactory()
    task = enqueue("file_processing", expert_id=expert.pk, weight=200)
    rows = ExpertProcessingProgress.objects.filter(expert=expert)
    rows.update(task_id=task.pk, progress_percentage=75)
    assert remaining([task]) == {task.pk: 50}


@pytest.mark.django_db
def test_nothing_is_said_of_a_task_that_nobody_follows() -> None:
    assert remaining([enqueue("file_processing")]) == {}
