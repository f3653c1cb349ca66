"""Live progress: one listener and one query a second per web process serve every viewer.

PostgreSQL's LISTEN says that something moved, and the progress of all that is watched is read
at once. Without LISTEN (a proxy that pools transactions swallows it, a connection breaks) the
same reading every two seconds finds the changes.
"""

import asyncio
import contextvars
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any
from uuid import UUID

import psycopg
from asgiref.sync import sync_to_async
from django.db import DatabaseError, close_old_connections

from experts.announcements import CHANNEL
from experts.database import connection_parameters
from experts.event_stream import EventStreamResponse, with_heartbeats
from experts.progress import progress_of_many
from experts.shutdown import ShutdownSignals

logger = logging.getLogger(__name__)

Progress = dict[str, Any]
News = tuple[UUID, Progress | None]

AT_MOST_EVERY = 1.0  # seconds between two readings
POLL_SECONDS = 2.0  # what changes without a word: estimates, and positions after a lost word
ALL_EVERY = 15.0  # even what is at rest, in case a word was lost
RECONNECT_SECONDS = 5.0
FINAL = ("completed", "failed", "cancelled")


async def subscribe(expert_ids: Iterable[UUID]) -> AsyncGenerator[News]:
    """Yield each expert's progress as it is now, then whenever it changes.

    The progress of an expert that is deleted is None. Ends when the server stops.
    """
    hub = _hub_of_this_loop()
    with hub.serving(Viewer(expert_ids)) as viewer:
        await hub.greet(viewer)
        while news := await viewer.news():
            for item in news.items():
                yield item


def live_response(
    expert_ids: Iterable[UUID], as_event: Callable[[UUID, Progress | None], bytes]
) -> EventStreamResponse:
    """A response that sends `as_event` of every change."""

    async def events() -> AsyncGenerator[bytes]:
        async with aclosing(subscribe(expert_ids)) as changes:
            async for expert_id, progress in changes:
                yield as_event(expert_id, progress)

    close_old_connections()  # the view's own: a viewer that stays for hours must not keep it
    return EventStreamResponse(with_heartbeats(events()))


class Viewer:
    """One open page. News it has not taken is overwritten by newer: a slow one costs nothing."""

    def __init__(self, expert_ids: Iterable[UUID]) -> None:
        self.expert_ids = frozenset(expert_ids)
        self._last: dict[UUID, Progress | None] = {}
        self._untaken: dict[UUID, Progress | None] = {}
        self._something = asyncio.Event()
        self._closed = False

    def tell(self, progress: dict[UUID, Progress | None]) -> None:
        for expert_id in self.expert_ids & progress.keys():
            if self._last.get(expert_id, ...) != progress[expert_id]:
                self._last[expert_id] = self._untaken[expert_id] = progress[expert_id]
                self._something.set()

    async def news(self) -> dict[UUID, Progress | None]:
        """Wait for what is new. Empty when there will be no more."""
        if not self._closed:
            await self._something.wait()
        self._something.clear()
        taken, self._untaken = self._untaken, {}
        return taken

    def close(self) -> None:
        self._closed = True
        self._something.set()


class Hub:
    """Reads for all viewers of one event loop; at work while there are any."""

    def __init__(self) -> None:
        self._viewers: set[Viewer] = set()
        self._work: list[asyncio.Task[None]] = []
        self._word = asyncio.Event()
        self._moved: set[UUID] = set()
        self._at_rest: set[UUID] = set()
        self._listening = False
        self._all_read_at = float("-inf")
        self._signals = ShutdownSignals(self.close)

    @contextmanager
    def serving(self, viewer: Viewer) -> Iterator[Viewer]:
        self._viewers.add(viewer)
        if not self._work:
            self._start()
        try:
            yield viewer
        finally:
            self._viewers.discard(viewer)
            if not self._viewers:
                self._stop()

    async def greet(self, viewer: Viewer) -> None:
        """Tell a new viewer how things stand; if the database is away, the next reading will."""
        viewer.tell(await self._read(viewer.expert_ids))

    def close(self) -> None:
        """End every stream: the server stops and waits for its responses."""
        for viewer in self._viewers:
            viewer.close()

    def _start(self) -> None:
        self._signals.watch()
        loop = asyncio.get_running_loop()
        self._work = [  # in a context of their own: they outlive the request that starts them
            loop.create_task(work, context=contextvars.Context())
            for work in (self._keep_reading(), self._keep_listening())
        ]
        for task in self._work:
            task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Nothing foreseen ends our work: then end the streams, whose clients come back."""
        if not task.cancelled() and (error := task.exception()):
            logger.error("Live progress broke off", exc_info=error)
            self.close()

    def _stop(self) -> None:
        for task in self._work:
            task.cancel()
        self._work = []
        self._signals.unwatch()
        _hubs.pop(asyncio.get_running_loop(), None)

    async def _keep_reading(self) -> None:
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS - AT_MOST_EVERY):
                    await self._word.wait()
            self._word.clear()
            progress = await self._read(self._worth_reading())
            for viewer in self._viewers:
                viewer.tell(progress)
            await asyncio.sleep(AT_MOST_EVERY)

    def _worth_reading(self) -> frozenset[UUID]:
        """What moved and what may move without a word; all that is watched now and then."""
        watched = frozenset[UUID]().union(*(viewer.expert_ids for viewer in self._viewers))
        moved, self._moved = self._moved, set()
        now = asyncio.get_running_loop().time()
        if not self._listening or now - self._all_read_at > ALL_EVERY:
            self._all_read_at = now
            return watched
        return watched - (self._at_rest - moved)

    async def _read(self, expert_ids: frozenset[UUID]) -> dict[UUID, Progress | None]:
        try:
            progress = await sync_to_async(read_progress, thread_sensitive=False)(expert_ids)
        except DatabaseError as error:
            logger.warning("Live progress cannot be read, trying again: %s", error)
            return {}
        at_rest = {key for key, value in progress.items() if not value or value["status"] in FINAL}
        self._at_rest = self._at_rest - expert_ids | at_rest
        return progress

    async def _keep_listening(self) -> None:
        while True:
            try:
                await self._listen()
            except (DatabaseError, psycopg.Error, OSError) as error:
                logger.warning("Live progress is polled until LISTEN works again: %s", error)
            finally:
                self._listening = False
            await asyncio.sleep(RECONNECT_SECONDS)

    async def _listen(self) -> None:
        parameters = await sync_to_async(connection_parameters, thread_sensitive=False)()
        listener = await psycopg.AsyncConnection.connect(autocommit=True, **parameters)
        async with listener:
            await listener.execute(f"LISTEN {CHANNEL}")
            self._listening = True
            self._all_read_at = float("-inf")  # what moved before we listened is read now
            self._word.set()
            async for notification in listener.notifies():
                with suppress(ValueError):  # anybody may notify anything
                    self._moved.add(UUID(notification.payload))
                self._word.set()


def read_progress(expert_ids: frozenset[UUID]) -> dict[UUID, Progress | None]:
    """The progress of each expert, None where it is gone."""
    if not expert_ids:
        return {}
    try:
        found = progress_of_many(list(expert_ids))
    finally:
        close_old_connections()
    return {expert_id: found.get(expert_id) for expert_id in expert_ids}


_hubs: dict[asyncio.AbstractEventLoop, Hub] = {}  # a web process has one loop; tests have many


def _hub_of_this_loop() -> Hub:
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())
