"""What ElevenLabs tells after a talk: is it really from there, and who said what."""

import hmac
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils.crypto import constant_time_compare

TOLERANCE = 30 * 60  # seconds between the vendor's clock at the sending and ours
_PASSAGE = re.compile(r"passage_id\W+(\d{1,18})")  # also in JSON within JSON, or cut short


@dataclass(frozen=True)
class Spoken:
    """What one side ("person" or "expert") said aloud, `after` seconds of talk.

    `passages` are the ids of what the search found for it.
    """

    role: str
    text: str
    after: int
    passages: tuple[int, ...] = ()


def is_signed(body: bytes, signature: str, *, secret: str) -> bool:
    """Whether the header `t=<unix time>,v0=<hex>` signs these bytes, not long ago.

    HMAC-SHA256 of "<t>.<body>", from the vendor's description of its webhooks.
    """
    fields = dict(part.strip().partition("=")[::2] for part in signature.split(","))
    sent_at, given = fields.get("t", ""), fields.get("v0", "")
    if not re.fullmatch(r"[0-9]{1,12}", sent_at) or abs(time.time() - int(sent_at)) > TOLERANCE:
        return False
    expected = hmac.new(secret.encode(), sent_at.encode() + b"." + body, sha256)
    return bool(secret) and constant_time_compare(given, expected.hexdigest())


def transcript(turns: list[dict[str, Any]]) -> Iterator[Spoken]:
    """The turns that were said aloud, in order; what a tool found goes to the answer after it."""
    found: list[int] = []
    for turn in turns:
        for result in turn.get("tool_results") or []:
            found += map(int, _PASSAGE.findall(str(result.get("result_value"))))
        text = str(turn.get("message") or "").replace("\0", "").strip()
        after = int(turn.get("time_in_call_secs") or 0)
        if text and turn.get("role") == "user":
            yield Spoken("person", text, after)
        elif text:
            yield Spoken("expert", text, after, tuple(dict.fromkeys(found)))
            found.clear()
