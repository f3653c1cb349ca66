"""Whether a text is JSON, or a JSON record a line, by its beginning."""

import io
from itertools import islice

import ijson

from experts.extraction.formats import JSON, JSON_LINES

EVENTS = 2_000  # of the beginning; who keeps the grammar for so long goes on keeping it
_OPEN = (b"{", b"[")


def json_type(head: bytes) -> str | None:
    """The media type of a text that begins with `head` (UTF-8 where it shows), if it is JSON."""
    text = head.decode("utf-8", "replace").lstrip("\ufeff").encode().strip()
    first, _, rest = text.partition(b"\n")
    if not text.startswith(_OPEN):
        return None
    if rest.lstrip().startswith(_OPEN) and _is_whole(first):
        return JSON_LINES
    return JSON if _may_begin(text) else None


def _is_whole(text: bytes) -> bool:
    try:
        list(ijson.basic_parse(io.BytesIO(text)))
    except (ijson.JSONError, ValueError, SystemError):
        return False
    return True


def _may_begin(text: bytes) -> bool:
    """Whether it is JSON so far. Where the text merely ends too early, it is."""
    try:
        list(islice(ijson.basic_parse(io.BytesIO(text), multiple_values=True), EVENTS))
    except ijson.JSONError as error:
        return "premature EOF" in str(error)
    except (ValueError, SystemError):  # a number of thousands of digits is still a number
        return True
    return True
