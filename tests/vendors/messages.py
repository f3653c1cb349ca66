"""What passes between the stand-in and the vendors it plays."""

from dataclasses import dataclass, field
from typing import Any

KEY = "the-secret-key-0123456789"


@dataclass(frozen=True)
class Request:
    """What a vendor was asked; `path` is without the vendor's own prefix."""

    vendor: str
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: Any
    size: int  # of the body, in bytes
    raw: bytes = b""


@dataclass(frozen=True)
class Reply:
    """An answer: JSON for a dict, text for a string, or bytes.

    `described`: in the published description.
    """

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    described: bool = True


@dataclass(frozen=True)
class Stream:
    """Server-sent events; `ending` is "whole", "early" (cleanly) or "cut" (in the middle)."""

    events: list[Any]
    ending: str = "whole"


@dataclass(frozen=True)
class Done:
    """What was asked for is done, but this is the answer that arrives."""

    instead: Reply


class Hang:
    """No answer until the test is over."""


class Reset:
    """The connection is torn down instead of an answer."""


Answer = Reply | Stream | Done | Hang | Reset
