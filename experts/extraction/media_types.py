"""What a file is, by its content; its name only tells Markdown and tables from plain text."""

import re
from pathlib import PurePath
from typing import BinaryIO

import puremagic

from experts.extraction import containers
from experts.extraction.encodings import is_text, to_utf8
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import (
    CSV,
    HTML,
    JPEG,
    MAIL,
    MARKDOWN,
    PDF,
    PNG,
    READERS,
    RTF,
    TEXT,
    TIFF,
    WEBP,
)
from experts.extraction.json_types import json_type

HEAD = 1 << 16  # bytes that are looked at
MARKDOWN_NAMES = {".md", ".markdown", ".mdown", ".mkd"}
# Programs that "export to Excel" often write separated values under .xls.
TABLE_NAMES = {".csv", ".tsv", ".tab", ".xls"}
HTML_NAMES = {".html", ".htm", ".xhtml"}  # of pieces that begin with any tag, or with words
MAIL_NAMES = {".eml"}  # a draft has none of the fields that only mail has
# Names that promise anything but text. Old ones (.doc, .xls) are left out: programs have
# always written plain text and HTML under them.
BINARY_NAMES = {".pdf", ".docx", ".odt", ".xlsx", ".pptx", ".epub", ".zip"}

XML = "application/xml"
UNKNOWN = "application/octet-stream"

_WHAT_IT_IS = {  # known, but without a reader
    "application/vnd.oasis.opendocument.spreadsheet": "an OpenDocument spreadsheet",
    "application/vnd.oasis.opendocument.presentation": "an OpenDocument presentation",
    "application/zip": "a zip archive",
    "image": "a picture",
    "audio": "a sound recording",
    "video": "a video",
    XML: "an XML file",
}

_HTML_START = re.compile(
    rb"(?>\s*<!--(?>.*?-->))*+\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_HTML_FRAGMENT = re.compile(
    rb"\s*<(?:p|div|table|h[1-6]|ul|ol|article|section|main|title|meta)[\s>]", re.IGNORECASE
)
_ANY_TAG = re.compile(rb"<[a-zA-Z][^<>]{0,1000}>")
_XML_START = re.compile(rb"\s*<(?:\?xml|!doctype\s+(?!html))", re.IGNORECASE)
_SVG_START = re.compile(rb"\s*<svg[\s>]")  # at the top of a page it is a logo
_HTML_ROOT = re.compile(rb"<(?:\w+:)?html[\s>]", re.IGNORECASE)
_PICTURE_STARTS = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), PNG),
    (re.compile(rb"\xff\xd8\xff"), JPEG),
    (re.compile(rb"II\*\0|MM\0\*"), TIFF),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), WEBP),
)
_MAIL_START = re.compile(rb"(?:From |[A-Za-z][A-Za-z-]*:)")
_MAIL_FIELD = re.compile(rb"^(?:received|message-id|mime-version|return-path):", re.I | re.M)


def detect(stream: BinaryIO, name: str) -> str:
    """The media type of a file that we can read.

    Raises ExtractionError: empty, unsupported_type, encrypted, corrupt, archive_bomb. Leaves
    the stream at its beginning.
    """
    try:
        media_type = _identify(stream, PurePath(name).suffix.lower())
    finally:
        stream.seek(0)
    if media_type not in READERS:
        raise ExtractionError(ErrorCode.UNSUPPORTED_TYPE, _refusal(media_type))
    return media_type


def _identify(stream: BinaryIO, suffix: str) -> str:
    stream.seek(0)
    head = stream.read(HEAD)
    if not head:
        raise ExtractionError(ErrorCode.EMPTY)
    if head.startswith(b"PK\x03\x04"):
        return containers.zipped_type(stream)
    if head.startswith(containers.OLE):
        raise containers.ole_error(stream)
    if _is_pdf(stream, head):
        return PDF
    if found := _picture_type(head, suffix):
        return found
    if is_text(head):
        return _text_type(to_utf8(head), suffix)
    return _by_signature(head)


def _is_pdf(stream: BinaryIO, head: bytes) -> bool:
    """PDF readers accept rubbish before the header; a text that mentions it has no trailer."""
    start = head.find(b"%PDF-", 0, 1024)
    if start < 0 or not head[:start].strip(b"\xef\xbb\xbf\x00\t\r\n\f "):
        return start >= 0
    stream.seek(-min(2048, stream.seek(0, 2)), 2)
    return b"startxref" in stream.read()


def _text_type(head: bytes, suffix: str) -> str:
    if head.startswith(b"{\\rtf"):
        return RTF
    drawn = suffix not in MARKDOWN_NAMES | HTML_NAMES and _SVG_START.match(head)
    if drawn or _XML_START.match(head):
        return HTML if _HTML_ROOT.search(head) else XML
    if _HTML_START.match(head):
        return HTML
    if _is_mail(head, suffix):
        return MAIL
    if suffix in MARKDOWN_NAMES:
        return MARKDOWN
    if found := json_type(head):
        return found
    if _HTML_FRAGMENT.match(head) or (suffix in HTML_NAMES and _ANY_TAG.search(head)):
        return HTML
    return _plain(suffix)


def _is_mail(head: bytes, suffix: str) -> bool:
    fields = head.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    return bool(_MAIL_START.match(head) and (suffix in MAIL_NAMES or _MAIL_FIELD.search(fields)))


def _plain(suffix: str) -> str:
    if suffix in BINARY_NAMES:
        raise ExtractionError(
            ErrorCode.CORRUPT,
            f"This file is named {suffix} but holds only plain text. Upload the original, or "
            "rename it to .txt if the text is what you want.",
        )
    return CSV if suffix in TABLE_NAMES else TEXT


def _picture_type(head: bytes, suffix: str) -> str | None:
    """Raises ExtractionError (unsupported_type) for a picture under a document's name."""
    for start, media_type in _PICTURE_STARTS:
        if start.match(head):
            if suffix in BINARY_NAMES:
                raise ExtractionError(
                    ErrorCode.UNSUPPORTED_TYPE,
                    f"This file is named {suffix} but is a picture. Upload the original, or give "
                    "it the name of a picture if that is what you want.",
                )
            return media_type
    return None


def _by_signature(head: bytes) -> str:
    try:
        return puremagic.from_string(head, mime=True) or UNKNOWN
    except (puremagic.PureError, ValueError):
        return UNKNOWN


def _refusal(media_type: str) -> str:
    what = _WHAT_IT_IS.get(media_type) or _WHAT_IT_IS.get(media_type.partition("/")[0])
    if not what:
        return ErrorCode.UNSUPPORTED_TYPE.sentence
    return f"This is {what}, which cannot be read yet. Save it as PDF and upload that."
