"""Server-sent events: their format, and the response that carries them while they happen.

Format: the HTML standard, section 9.2, "Server-sent events".
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIRequest
from django.core.serializers.json import DjangoJSONEncoder
from django.db import close_old_connections
from django.http import HttpRequest, StreamingHttpResponse

CONTENT_TYPE = "text/event-stream"
HEARTBEAT_SECONDS = 15.0  # proxies cut a connection that is silent for 30 to 60 s
HEARTBEAT = b": still here\n\n"

Item = TypeVar("Item")


def event(name: str, data: str) -> bytes:
    """One event; each line of `data` becomes a `data:` line."""
    lines = "".join(f"data: {line}\n" for line in data.splitlines() or [""])
    return f"event: {name}\n{lines}\n".encode()


def json_event(name: str, data: Any) -> bytes:
    return event(name, json.dumps(data, cls=DjangoJSONEncoder))


class LiveResponse(StreamingHttpResponse):
    """A streaming response whose generator is closed as soon as the client goes.

    Django's own leaves that to the garbage collector, which may come after the request's thread.
    """

    _iterator: Any

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(self._iterator) as parts:
            async for part in parts:
                yield self.make_bytes(part)


class EventStreamResponse(LiveResponse):
    """Events as they happen."""

    def __init__(self, events: AsyncGenerator[bytes] | Generator[bytes]) -> None:
        super().__init__(events, content_type=CONTENT_TYPE)
        self["Cache-Control"] = "no-cache, no-transform"
        self["X-Accel-Buffering"] = "no"  # nginx would hold events back


def is_live(request: HttpRequest) -> bool:
    """Whether the server can hold a response open without holding a thread (ASGI)."""
    return isinstance(request, ASGIRequest)


def stream(request: HttpRequest, events: Generator[bytes]) -> EventStreamResponse:
    """Send what a blocking generator makes, piece by piece, under ASGI and WSGI alike."""
    if is_live(request):
        return EventStreamResponse(with_heartbeats(in_thread(events)))
    return EventStreamResponse(events)


async def in_thread(items: Generator[Item]) -> AsyncGenerator[Item]:
    """Pull a blocking generator in the request's own thread, and close it there at the end.

    Between two items the database connection goes back to the pool: a slow answer holds none.
    """
    done = object()
    try:
        while (item := await sync_to_async(_next)(items, done)) is not done:
            yield item  # type: ignore[misc]  # the sentinel is excluded by identity
    finally:
        await sync_to_async(_close)(items)


def _next(items: Iterator[Item], done: object) -> Item | object:
    try:
        return next(items, done)
    finally:
        close_old_connections()


def _close(items: Generator[Any]) -> None:
    items.close()
    close_old_connections()


async def with_heartbeats(
    events: AsyncGenerator[bytes], *, every: float = HEARTBEAT_SECONDS
) -> AsyncGenerator[bytes]:
    """Fill silences of `every` seconds with a comment, so that nobody thinks us gone."""
    async with aclosing(events):
        while True:
            upcoming = asyncio.ensure_future(anext(events))
            try:
                while not (await asyncio.wait({upcoming}, timeout=every))[0]:
                    yield HEARTBEAT
                yield upcoming.result()
            except StopAsyncIteration:
                return
            finally:
                if upcoming.cancel():
                    await asyncio.wait({upcoming})
