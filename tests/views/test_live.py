"""The partials that keep pages up to date."""

from contextlib import aclosing
from urllib.parse import urlencode

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import AsyncClient, Client

from experts.models import Expert
from tests.factories import ExpertFactory
from tests.views.conftest import show
from tests.views.html import attributes, text, texts


def test_a_page_and_its_update_show_the_same(client: Client, waiting_expert: Expert) -> None:
    page = client.get("/dashboard/")
    [address] = attributes(page, "[data-live-poll]", "data-live-poll")
    assert address is not None
    where = f"#state-{waiting_expert.pk}"
    assert text(client.get(address), where) == text(page, where)


def test_an_update_names_the_stage_for_screen_readers(
    client: Client, waiting_expert: Expert
) -> None:
    show(waiting_expert, stage="storing_vectors", status="processing", progress_percentage=97)
    response = client.get("/dashboard/states/", {"expert": str(waiting_expert.pk)})
    assert attributes(response, ".state", "data-announce") == ["Barista: Storing vectors"]


def test_the_page_of_an_expert_hears_why_its_chat_is_locked(
    client: Client, waiting_expert: Expert
) -> None:
    query = {"expert": str(waiting_expert.pk), "steps": "1"}
    response = client.get("/dashboard/states/", query)
    assert texts(response, "#composer-why") == ["Chat opens when the files are read."]


def test_an_update_without_news_is_not_sent_again(client: Client, waiting_expert: Expert) -> None:
    show(waiting_expert, stage="failed", status="failed", details={"message": "It is locked."})
    query = {"expert": str(waiting_expert.pk)}
    first = client.get("/dashboard/states/", query)
    again = client.get("/dashboard/states/", query, headers={"If-None-Match": first["ETag"]})
    assert (first.status_code, again.status_code) == (200, 304)


def test_strangers_and_nonsense_are_left_out(client: Client, expert: Expert) -> None:
    ids = [str(ExpertFactory().pk), "nonsense", str(expert.pk)]
    response = client.get(f"/dashboard/states/?{urlencode([('expert', key) for key in ids])}")
    assert attributes(response, ".state", "id") == [f"state-{expert.pk}"]


def test_a_server_of_threads_refuses_to_hold_streams(client: Client, expert: Expert) -> None:
    assert client.get("/dashboard/events/", {"expert": str(expert.pk)}).status_code == 501


@pytest.mark.django_db(transaction=True)
def test_the_stream_begins_with_how_things_stand(alice: User, expert: Expert) -> None:
    first = async_to_sync(first_event)(alice, expert)
    assert first.startswith("event: state\ndata: ")
    assert f'id="state-{expert.pk}"' in first
    assert "Ready" in first


async def first_event(person: User, expert: Expert) -> str:
    """What a page that opens the stream hears at once."""
    browser = AsyncClient()
    await browser.aforce_login(person)
    response = await browser.get("/dashboard/events/", {"expert": str(expert.pk)})
    async with aclosing(aiter(response)) as events:
        return (await anext(events)).decode()
