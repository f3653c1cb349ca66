"""The cards of experts."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from experts.models import Expert, SourceFile
from experts.operations import create_expert
from tests.factories import ExpertFactory
from tests.views.conftest import show
from tests.views.html import attributes, text, texts


def test_an_empty_dashboard_offers_the_first_step(client: Client) -> None:
    response = client.get("/dashboard/")
    assert attributes(response, ".empty a", "href") == ["/dashboard/experts/new/"]


def test_two_waiting_experts_show_their_positions(
    client: Client, alice: User, file: SourceFile
) -> None:
    for name in ("First", "Second"):
        create_expert(owner=alice, name=name, files=[file])
    response = client.get("/dashboard/")
    assert texts(response, "h2") == ["Second", "First"]
    assert texts(response, ".state-words") == ["Queued (Position 2)", "Queued (Position 1)"]
    assert texts(response, ".state-aside") == ["Waiting…", "Waiting…"]
    assert "No worker is running" in text(response)


def test_a_working_expert_shows_a_filled_bar(client: Client, waiting_expert: Expert) -> None:
    show(
        waiting_expert,
        stage="generating_embeddings",
        status="processing",
        progress_percentage=49,
        details={"message": "Generating embeddings… 45%"},
    )
    response = client.get("/dashboard/")
    assert attributes(response, "[role=progressbar]", "aria-valuenow") == ["49"]
    assert attributes(response, ".bar rect", "width") == ["49%"]


def test_a_waiting_bar_has_no_percentage(client: Client, waiting_expert: Expert) -> None:
    response = client.get("/dashboard/")
    assert attributes(response, "[role=progressbar]", "aria-valuenow") == [None]
    assert "%" not in text(response)


def test_a_ready_expert_offers_the_chat(client: Client, expert: Expert) -> None:
    assert texts(client.get("/dashboard/"), ".actions > *") == ["Chat", "Details"]


def test_a_failed_expert_says_why_and_offers_a_retry(
    client: Client, waiting_expert: Expert
) -> None:
    show(waiting_expert, stage="failed", status="failed", details={"message": "It is locked."})
    response = client.get("/dashboard/")
    assert "It is locked." in text(response)
    assert texts(response, ".actions > *") == ["Retry", "Details"]


def test_what_people_typed_is_text_and_not_markup(client: Client, alice: User) -> None:
    ExpertFactory(owner=alice, name="<script>alert(1)</script>", description="<b>bold</b>")
    content = client.get("/dashboard/").content.decode()
    assert "<script>alert" not in content
    assert "<b>bold" not in content


def test_without_javascript_it_refreshes_while_something_goes_on(
    client: Client, expert: Expert
) -> None:
    assert "http-equiv" not in client.get("/dashboard/").content.decode()
    show(expert, stage="queued", status="pending", progress_percentage=0)
    assert '<noscript><meta http-equiv="refresh"' in client.get("/dashboard/").content.decode()


@pytest.mark.parametrize("count", [2, 12])
def test_the_number_of_queries_does_not_grow(
    client: Client,
    alice: User,
    file: SourceFile,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        create_expert(owner=alice, name=f"Expert {number}", files=[file])
    with django_assert_max_num_queries(12):
        response = client.get("/dashboard/")
    assert len(texts(response, "article")) == count
