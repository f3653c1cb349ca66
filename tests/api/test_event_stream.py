"""Server-sent events: the format, silences, and the end."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import aclosing

from experts.event_stream import HEARTBEAT, EventStreamResponse, event, in_thread, with_heartbeats


def test_each_line_of_the_data_is_a_line_of_its_own() -> None:
    assert event("state", "<p>\nCoffee</p>") == b"event: state\ndata: <p>\ndata: Coffee</p>\n\n"
    assert event("gone", "") == b"event: gone\ndata: \n\n"


def test_a_silence_is_filled() -> None:
    async def slow() -> AsyncGenerator[bytes]:
        await asyncio.sleep(0.25)
        yield b"said"

    async def heard() -> list[bytes]:
        return [part async for part in with_heartbeats(slow(), every=0.1)]

    assert asyncio.run(heard()) == [HEARTBEAT, HEARTBEAT, b"said"]


def test_whoever_goes_in_a_silence_ends_it() -> None:
    ended = []

    async def endless() -> AsyncGenerator[bytes]:
        try:
            yield b"first"
            await asyncio.sleep(60)
        finally:
            ended.append(True)

    async def leave() -> None:
        async with aclosing(with_heartbeats(endless(), every=0.05)) as parts:
            assert [await anext(parts), await anext(parts)] == [b"first", HEARTBEAT]

    asyncio.run(asyncio.wait_for(leave(), 30))
    assert ended == [True]


def test_a_response_closes_its_generator_in_the_end() -> None:
    ended = []

    def blocking() -> Generator[bytes]:
        try:
            yield b"first"
            yield b"second"
        finally:
            ended.append(True)

    async def leave() -> None:
        response = EventStreamResponse(in_thread(blocking()))
        async with aclosing(aiter(response)) as parts:  # type: ignore[type-var]
            assert await anext(parts) == b"first"
        assert ended == [True]

    asyncio.run(leave())
