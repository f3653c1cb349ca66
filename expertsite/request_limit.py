"""A bound for what one request may bring, enforced while it arrives.

Django puts a whole body on the disk before anything of ours sees it; what a client declares of
its length may be a lie, or missing.
"""

import json
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.typing import (
    ASGIReceiveCallable,
    ASGIReceiveEvent,
    ASGISendCallable,
    HTTPScope,
    Scope,
)
from django.conf import settings

from experts.api.errors import envelope

logger = logging.getLogger(__name__)

REFUSAL = envelope("too_large", "That is more than one request may bring.")


class RequestLimit:
    """ASGI middleware: 413 for a body over `bound_of` bytes, and no more of it is read."""

    def __init__(self, application: Callable[..., Awaitable[None]]) -> None:
        self._application = application

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        body = BoundedBody(receive, bound_of(scope))
        await self._application(scope, body.receive, send)
        if body.is_refused:
            logger.warning("Refused a body of more than %d bytes at %s", body.bound, scope["path"])
            await refuse(send)


class BoundedBody:
    """What the application receives: to it, a client that brings too much has gone away."""

    def __init__(self, receive: ASGIReceiveCallable, bound: int) -> None:
        self.bound = bound
        self.is_refused = False
        self._receive = receive
        self._received = 0

    async def receive(self) -> ASGIReceiveEvent:
        message = await self._receive()
        if message["type"] == "http.request":
            self._received += len(message["body"])
            if self._received > self.bound:
                self.is_refused = True
                return {"type": "http.disconnect"}
        return message


def bound_of(scope: HTTPScope) -> int:
    """Files have their own limit each; everything else is held in memory."""
    content_type = dict(scope["headers"]).get(b"content-type", b"").lower()
    if content_type.startswith(b"multipart/form-data"):
        return int(settings.MAX_REQUEST_BYTES)
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE)


async def refuse(send: Any) -> None:
    body = json.dumps(REFUSAL).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})
