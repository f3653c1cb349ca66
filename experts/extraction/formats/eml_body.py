"""The parts of a message that a person sees: which body, in what encoding, under what name."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage
from typing import cast

from experts.extraction.encodings import decode
from experts.extraction.formats import html
from experts.extraction.formats.eml_spool import Spool
from experts.extraction.names import clean_name, on_one_line
from experts.extraction.sections import Paragraph

LONG_BODY = 1 << 20  # bytes
LONG_HEADER = 10_000  # characters; some 300 people fit into "To"

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_FLOWED = re.compile(r"(?<=[^\n-]) \n(?=[^\s>])")  # a line that goes on in the next (RFC 3676)


def leaves(message: EmailMessage, spool: Spool) -> Iterator[EmailMessage]:
    """The parts that hold something; of alternatives the plain text, else the HTML."""
    if not message.is_multipart() or message.get_content_maintype() != "multipart":
        yield message
        return
    parts = (
        leaf for part in message.iter_parts() for leaf in leaves(cast("EmailMessage", part), spool)
    )
    if message.get_content_subtype() == "alternative":
        yield from _best(list(parts), spool)
    else:
        yield from parts


def _best(parts: list[EmailMessage], spool: Spool) -> Iterator[EmailMessage]:
    bodies = [part for part in parts if is_body(part)]
    plain = [part for part in bodies if not _is_html(part) and _says_something(part, spool)]
    chosen = plain or [part for part in bodies if _is_html(part)]
    yield from (part for part in parts if not is_body(part) or part in chosen)


def is_body(part: EmailMessage) -> bool:
    """Whether it is shown in the message, not beside it. A broken multipart is text, too."""
    if part.get_content_maintype() not in ("text", "multipart"):
        return False
    return part.get_content_disposition() != "attachment" and not part.get_filename()


def is_picture_of_the_body(part: EmailMessage) -> bool:
    """A logo or a smiley: shown in the HTML, not attached by a person."""
    return part.get_content_maintype() == "image" and (
        part.get_content_disposition() == "inline"
        or "content-id" in part
        or ("content-location" in part and not part.get_filename())
    )


def _says_something(part: EmailMessage, spool: Spool) -> bool:
    return any(chunk.strip() for chunk in spool.content(part))


def paragraphs(part: EmailMessage, spool: Spool) -> Iterator[Paragraph]:
    """The words of a body."""
    content = spool.content(part)
    declared = part.get_content_charset() or ""
    if _is_html(part):
        yield from html.body(decode(b"".join(content), declared))
        return
    for text in _stretches(content):
        yield from _plain(decode(text, declared), flowed=part.get_param("format") == "flowed")


def _stretches(content: Iterator[bytes]) -> Iterator[bytes]:
    """A text in one piece, as letters are, or a very long one in pieces that end with a line."""
    held = b""
    for chunk in content:
        held += chunk
        if len(held) > LONG_BODY and b"\n" in held:
            whole, newline, held = held.rpartition(b"\n")
            yield whole + newline
    yield held


def _plain(text: str, *, flowed: bool) -> Iterator[Paragraph]:
    text = text.replace("\r\n", "\n")
    if flowed:
        text = _FLOWED.sub(" ", text)
    for paragraph in _BLANK_LINES.split(text.strip()):
        yield Paragraph(paragraph.strip("\n"))


def _is_html(part: EmailMessage) -> bool:
    return part.get_content_subtype() == "html"


def header(message: EmailMessage, name: str) -> str:
    """A header as a person reads it, on one line; empty when it is not there or broken.

    Of a very long one the beginning: the library takes the square of its length.
    """
    found = (value for key, value in message.raw_items() if key.lower() == name.lower())
    raw = str(next(found, ""))
    if len(raw) > LONG_HEADER:
        raw = raw[:LONG_HEADER].rpartition(" ")[0] or raw[:LONG_HEADER]
    try:
        return on_one_line(str(message.policy.header_fetch_parse(name, raw)))
    except (MessageError, LookupError, ValueError, AttributeError, TypeError):
        return ""  # what the library raises for broken headers differs from version to version


def attached_name(part: EmailMessage) -> str:
    return clean_name(part.get_filename() or "")
