"""E-mail: the headers that a person reads, the body, and what is attached and can be read."""

import importlib
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import MAIL, READERS
from experts.extraction.formats.eml_body import (
    attached_name,
    header,
    is_body,
    is_picture_of_the_body,
    leaves,
    paragraphs,
)
from experts.extraction.formats.eml_spool import Spool
from experts.extraction.media_types import detect
from experts.extraction.pages import Document, ExtractedPage
from experts.extraction.quality import Condition
from experts.extraction.sections import Paragraph, sections, shortened

MAX_PARTS = 1_000  # of a message: bodies, attachments and pictures
MAX_DEPTH = 5  # of messages attached to messages
LONGEST_LOCATION = 200  # characters; of a message in a message in a message the end
SHOWN = ("From", "To", "Cc", "Date", "Subject")
NOTHING_TO_READ = (ErrorCode.UNSUPPORTED_TYPE, ErrorCode.EMPTY)


def read(path: Path, *, skip: int) -> Document:
    """Raises ExtractionError (too_complex) after what came before the limit."""
    pages = _read(path, "", depth=0)
    numbered = (
        replace(page, number=number, location=page.location[-LONGEST_LOCATION:])
        for number, page in enumerate(pages, start=1)
    )
    return Document(islice(numbered, skip, None))


def _read(path: Path, within: str, *, depth: int) -> Iterator[ExtractedPage]:
    with closing(Spool()) as spool:
        with path.open("rb") as stream:
            message = spool.parsed(stream)
        yield from _pages(message, spool, within, depth=depth)


def _pages(
    message: EmailMessage, spool: Spool, within: str, *, depth: int
) -> Iterator[ExtractedPage]:
    """The message itself, then its attachments; `within` names the message it came with."""
    if depth > MAX_DEPTH:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    parts = list(islice(leaves(message, spool), MAX_PARTS + 1))
    attached = [p for p in parts if not is_body(p) and not is_picture_of_the_body(p)]
    label = f"Message “{shortened(header(message, 'Subject'))}”" if depth else "Message"
    for where, text in sections(_shown(message, spool, parts[:MAX_PARTS], attached)):
        location = label if where == "Part 1" else f"{label}, {where[0].lower()}{where[1:]}"
        yield ExtractedPage.from_raw(0, _inside(within, location), text)
    for part in attached[:MAX_PARTS]:
        yield from _attachment(part, spool, _inside(within, label) if depth else "", depth)
    if len(parts) > MAX_PARTS:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)


def _shown(
    message: EmailMessage, spool: Spool, parts: list[EmailMessage], attached: list[EmailMessage]
) -> Iterator[Paragraph]:
    shown = [(name, header(message, name)) for name in SHOWN]
    names = [attached_name(part) for part in attached if part.get_filename()]
    shown.append(("Attachments", ", ".join(names)))
    for name, value in shown:
        if value:
            yield Paragraph(f"{name}: {value}", tight=True)
    for part in parts:
        if is_body(part):
            yield from paragraphs(part, spool)


def _attachment(
    part: EmailMessage, spool: Spool, within: str, depth: int
) -> Iterator[ExtractedPage]:
    """Its pages under its name. One that is damaged or locked is a page that says so."""
    if part.get_content_type() == "message/rfc822":
        for message in part.iter_parts():
            yield from _pages(cast("EmailMessage", message), spool, within, depth=depth + 1)
        return
    name = shortened(attached_name(part))
    with _lent(spool.content(part)) as file:
        path, media_type = Path(file.name), ""
        try:
            media_type = detect(file, name)
            if media_type != MAIL:
                yield from _read_by_its_reader(path, media_type, _inside(within, name))
        except ExtractionError as error:
            if error.code not in NOTHING_TO_READ:
                yield ExtractedPage(0, _inside(within, name), "", Condition.GARBLED)
        if media_type == MAIL:
            yield from _read(path, within, depth=depth + 1)


def _read_by_its_reader(path: Path, media_type: str, label: str) -> Iterator[ExtractedPage]:
    reader = importlib.import_module(READERS[media_type][0])
    for page in reader.read(path, skip=0).pages:
        location = label if page.location == "Part 1" else f"{label}, {page.location}"
        yield replace(page, location=location, reached=None)


def _inside(within: str, location: str) -> str:
    return f"{within}, {location}" if within else location


@contextmanager
def _lent(content: Iterable[bytes]) -> Iterator[BinaryIO]:
    """A file of it, in the directory that the parent makes for this process and removes."""
    with tempfile.NamedTemporaryFile() as file:
        file.writelines(content)
        file.flush()
        yield cast("BinaryIO", file)
