"""The parts of a message that a person sees: which body, in what encoding, under what name."""

import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage
from typing import cast

from experts.ingestion.encodings import decode
from experts.ingestion.formats import html
from experts.ingestion.names import clean_name, on_one_line
from experts.ingestion.sections import Paragraph

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_FLOWED = re.compile(r"(?<=[^\n-]) \n(?=[^\s>])")  # a line that goes on in the next (RFC 3676)


def leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that hold something; of alternatives the plain text, else the HTML."""
    if not message.is_multipart() or message.get_content_maintype() != "multipart":
        yield message
        return
    parts = (leaf for part in message.iter_parts() for leaf in leaves(cast("EmailMessage", part)))
    if message.get_content_subtype() == "alternative":
        yield from _best(list(parts))
    else:
        yield from parts


def _best(parts: list[EmailMessage]) -> Iterator[EmailMessage]:
    bodies = [part for part in parts if is_body(part)]
    plain = [part for part in bodies if not _is_html(part) and text_of(part).strip()]
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
        part.get_content_disposition() == "inline" or "content-id" in part
    )


def paragraphs(part: EmailMessage) -> Iterator[Paragraph]:
    """The words of a body."""
    text = text_of(part)
    if _is_html(part):
        yield from html.body(text)
        return
    text = text.replace("\r\n", "\n")
    if part.get_param("format") == "flowed":
        text = _FLOWED.sub(" ", text)
    for paragraph in _BLANK_LINES.split(text.strip()):
        yield Paragraph(paragraph.strip("\n"))


def text_of(part: EmailMessage) -> str:
    return decode(bytes_of(part), part.get_content_charset("") or "")


def bytes_of(part: EmailMessage) -> bytes:
    """What the part holds, out of base64 or quoted-printable, as far as that is right."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _is_html(part: EmailMessage) -> bool:
    return part.get_content_subtype() == "html"


def header(message: EmailMessage, name: str) -> str:
    """A header as a person reads it, on one line; empty when it is not there or broken."""
    try:
        return on_one_line(str(message.get(name, "")))
    except (MessageError, LookupError, ValueError, AttributeError, TypeError):
        return ""  # what the library raises for broken headers differs from version to version


def attached_name(part: EmailMessage) -> str:
    return clean_name(part.get_filename() or "")
