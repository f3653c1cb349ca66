"""Moving files to another embedder while experts answer from them."""

import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command

from experts.models import Expert, SourceFile, VendorUsage
from experts.operations import search_files
from experts.providers import get_vector_store, provider
from queueing.models import ProcessingTask
from queueing.testing import drain
from tests.vendors.conftest import Configure
from tests.vendors.learnt import expert_over, read_file
from tests.vendors.openai_standin import refusal
from tests.vendors.standin import StandIn

# The embedder works in a thread that sees only what was committed.
pytestmark = pytest.mark.django_db(transaction=True)

PASSAGES = ["The café opens at nine in the morning.", *(f"Bed {n} has roses." for n in range(5))]


def reembed(**options: Any) -> str:
    out = io.StringIO()
    call_command("reembed", stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def expert(vendors: StandIn, alice: User) -> Expert:
    return expert_over(read_file(alice, *PASSAGES))


@pytest.fixture
def switched(expert: Expert, configure: Configure) -> Expert:
    """The same expert after the operator chose another model."""
    configure(openai_embedding_model="large")
    return expert


def model_of(expert: Expert) -> str:
    return expert.files.get().embedding_model


def test_where_nothing_has_changed_there_is_nothing_to_move(expert: Expert) -> None:
    assert reembed() == "Every file is embedded by small.\n"
    assert not ProcessingTask.objects.filter(task_type="reembed_file").exists()


def test_it_moves_every_file_through_the_queue(switched: Expert) -> None:
    assert "Queued: 1 files" in reembed()
    assert model_of(switched) == "small"
    drain()
    file = switched.files.get()
    assert (file.status, file.embedding_model) == ("ready", "large")
    assert not get_vector_store().missing(file, model="large").exists()


def test_a_dry_run_says_what_there_is_to_do_and_does_nothing(switched: Expert) -> None:
    said = reembed(dry_run=True)
    passages = switched.files.get().passages.count()
    assert f"To move: 1 files with {passages} passages, about" in said
    assert not ProcessingTask.objects.filter(task_type="reembed_file").exists()


def test_until_then_experts_answer_by_words(switched: Expert) -> None:
    assert "opens at nine" in search_files(switched, "café opens", limit=1)[0].passage.text


def test_asked_twice_a_file_is_moved_once(switched: Expert) -> None:
    reembed()
    reembed()
    assert ProcessingTask.objects.filter(task_type="reembed_file").count() == 1


def test_it_goes_on_where_it_was_interrupted(
    switched: Expert, vendors: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experts.providers.openai.embedder.FEW_INPUTS", 1)
    provider.cache_clear()
    before = len(vendors.asked("/embeddings"))
    vendors.misbehave("/embeddings", refusal(503, "Down"), times=3, after=2)
    reembed()
    drain()
    left = get_vector_store().missing(switched.files.get(), model="large")
    assert 0 < len(left) < switched.files.get().passages.count()
    drain(skip_delays=True)
    assert model_of(switched) == "large"
    requests = vendors.asked("/embeddings")[before:]
    answered = [r.body["input"] for r in (*requests[:2], *requests[5:])]
    texts = [text for batch in answered for text in batch]
    assert len(texts) == len(set(texts))


def test_a_file_deleted_meanwhile_is_no_error(switched: Expert) -> None:
    reembed()
    SourceFile.objects.all().delete()
    [task] = [task for task in drain() if task.task_type == "reembed_file"]
    assert task.status == "completed"


def test_it_is_charged_to_the_owner(switched: Expert, alice: User) -> None:
    reembed()
    drain()
    entry = VendorUsage.objects.filter(kind="embedding", model="large").get()
    assert (entry.owner, entry.expert_id, entry.file_id) == (
        alice,
        None,
        switched.files.get().pk,
    )


def test_a_move_to_another_store_is_a_move_too(expert: Expert, configure: Configure) -> None:
    configure(vector_store="pgvector")
    reembed()
    drain()
    assert not get_vector_store().missing(expert.files.get(), model="small").exists()
