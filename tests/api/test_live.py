"""The hub: what moves is told to all who watch, by one reading for everybody."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from asgiref.sync import sync_to_async
from django.db import OperationalError, close_old_connections

from experts import live
from experts.live import subscribe
from experts.models import Expert
from experts.operations import delete_expert
from tests.api.progressing import advance, cut_listeners, listeners
from tests.factories import ExpertFactory

pytestmark = pytest.mark.django_db(transaction=True)

Change = Callable[[], Coroutine[Any, Any, None]]


def elsewhere(act: Callable[..., None], *arguments: Any) -> Change:
    """`act` in another thread, over a connection of its own, as another process would."""

    def acting() -> None:
        act(*arguments)
        close_old_connections()

    return sync_to_async(acting, thread_sensitive=False)


async def hear(expert_ids: Iterable[UUID], *, after: Change | None = None, count: int) -> list[Any]:
    """(expert, percentage) of the first `count` news; after the first, `after` happens."""
    heard: list[Any] = []
    async with aclosing(subscribe(expert_ids)) as news:
        async for expert_id, progress in news:
            heard.append((expert_id, progress and progress["progress_percentage"]))
            if len(heard) == count:
                return heard
            if len(heard) == 1 and after:
                await after()
    return heard


def within(seconds: float, work: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(asyncio.wait_for(work, seconds))


def test_the_present_state_comes_first() -> None:
    experts = ExpertFactory.create_batch(3)
    heard = within(30, hear([expert.pk for expert in experts], count=3))
    assert {pk for pk, _ in heard} == {expert.pk for expert in experts}


def test_a_change_is_told_before_the_next_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "POLL_SECONDS", 60)
    expert = ExpertFactory()
    heard = within(30, hear([expert.pk], after=elsewhere(advance, expert, 40), count=2))
    assert heard == [(expert.pk, 0), (expert.pk, 40)]


def test_without_listen_the_poll_finds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_listen(hub: live.Hub) -> None:
        raise OperationalError("LISTEN is not to be had")

    monkeypatch.setattr(live.Hub, "_listen", no_listen)
    expert = ExpertFactory(ready=True)
    heard = within(30, hear([expert.pk], after=elsewhere(advance, expert, 40), count=2))
    assert heard[-1] == (expert.pk, 40)


def test_a_listener_that_was_cut_off_listens_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "RECONNECT_SECONDS", 0.1)
    monkeypatch.setattr(live, "POLL_SECONDS", 60)
    expert = ExpertFactory()

    async def cut_then_advance() -> None:
        await elsewhere(cut_listeners)()
        await asyncio.sleep(1)
        await elsewhere(advance, expert, 40)()

    heard = within(30, hear([expert.pk], after=cut_then_advance, count=2))
    assert heard[-1] == (expert.pk, 40)


def test_a_deleted_expert_is_none() -> None:
    expert = ExpertFactory(ready=True)
    pk = expert.pk

    heard = within(30, hear([pk], after=elsewhere(delete_expert, expert), count=2))
    assert heard == [(pk, 100), (pk, None)]


def test_many_viewers_share_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    readings = []
    read = live.read_progress
    monkeypatch.setattr(live, "read_progress", lambda ids: readings.append(len(ids)) or read(ids))
    experts = ExpertFactory.create_batch(5)

    async def many() -> None:
        all_greeted = asyncio.Barrier(greetings)  # who came late would find nothing new

        async def move(expert: Expert) -> None:
            await all_greeted.wait()
            await elsewhere(advance, expert, 40)()

        viewers = [
            hear([expert.pk], after=partial(move, expert), count=2)
            for expert in experts
            for _ in range(4)
        ]
        await asyncio.gather(*viewers)

    greetings = 20
    within(30, many())
    assert greetings < len(readings) <= greetings + 5


def test_who_takes_nothing_is_told_the_newest_only() -> None:
    async def late() -> Any:
        viewer = live.Viewer([UUID(int=1)])
        for percentage in range(100):
            viewer.tell({UUID(int=1): {"progress_percentage": percentage}})
        return await viewer.news()

    assert within(30, late()) == {UUID(int=1): {"progress_percentage": 99}}


def test_a_reading_that_breaks_ends_the_streams(monkeypatch: pytest.MonkeyPatch) -> None:
    expert = ExpertFactory()

    def break_reading() -> None:
        monkeypatch.setattr(live, "read_progress", lambda ids: 1 / 0)

    heard = within(30, hear([expert.pk], after=elsewhere(break_reading), count=9))
    assert heard == [(expert.pk, 0)]


def test_when_the_server_stops_the_news_end() -> None:
    expert = ExpertFactory()

    async def watch() -> int:
        count = 0
        async for _ in subscribe([expert.pk]):
            count += 1
            live._hub_of_this_loop().close()
        return count

    assert within(30, watch()) == 1


def test_nothing_is_left_when_nobody_watches() -> None:
    within(30, hear([ExpertFactory().pk], count=1))
    assert live._hubs == {}
    assert listeners() == 0
