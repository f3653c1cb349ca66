"""What lies inside the two containers of office files: zip, and the older OLE."""

import re
from typing import BinaryIO

from experts.extraction.archives import Archive
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import DOCX, EPUB, ODT, PPTX, XLSX

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
CHUNK = 1 << 20
MAX_SEARCHED = 64 << 20  # bytes of an OLE file that are searched for its streams' names

CONTENT_TYPES = "[Content_Types].xml"
BOOK = "META-INF/container.xml"
MANIFEST = "META-INF/manifest.xml"
_MAIN_PARTS = (  # templates and files with macros hold the same parts
    (re.compile(rb"wordprocessingml\.\w+\.main\+xml|ms-word\.\w+\.macroEnabled"), DOCX),
    (re.compile(rb"presentationml\.\w+\.main\+xml|ms-powerpoint\.\w+\.macroEnabled\.main"), PPTX),
    (re.compile(rb"spreadsheetml\.\w+\.main\+xml|ms-excel\.\w+\.macroEnabled\.main"), XLSX),
)
_DECLARED = re.compile(r"[\w.+-]+/[\w.+-]+")

_LEGACY = (  # a stream's name, the program's, the format to save as
    ("WordDocument", "Word", ".docx"),
    ("Workbook", "Excel", ".xlsx"),
    ("PowerPoint Document", "PowerPoint", ".pptx"),
)


def zipped_type(stream: BinaryIO) -> str:
    """The media type of what a zip file packs. Raises ExtractionError for a bad archive."""
    archive = Archive(stream)
    if CONTENT_TYPES in archive.names:
        return _open_xml_type(archive)
    if "mimetype" in archive.names:
        declared = archive.read("mimetype").decode("ascii", "replace").strip()
        if _DECLARED.fullmatch(declared):
            _refuse_locked(archive)
            return ODT if declared.startswith(f"{ODT}-") else declared  # templates, masters
    return EPUB if BOOK in archive.names else "application/zip"


def _refuse_locked(archive: Archive) -> None:
    """OpenDocument packs each part under a password and says so here."""
    if MANIFEST in archive.names and b"encryption-data" in archive.read(MANIFEST):
        raise ExtractionError(ErrorCode.ENCRYPTED)


def _open_xml_type(archive: Archive) -> str:
    declared = archive.read(CONTENT_TYPES)
    for pattern, media_type in _MAIN_PARTS:
        if pattern.search(declared):
            return media_type
    return DOCX if "word/document.xml" in archive.names else "application/zip"


def ole_error(stream: BinaryIO) -> ExtractionError:
    """Why an OLE file is not read: a locked modern document, or one from before 2007."""
    streams = _names_found(stream, ["EncryptedPackage", *(name for name, _, _ in _LEGACY)])
    if "EncryptedPackage" in streams:
        return ExtractionError(ErrorCode.ENCRYPTED)
    for name, program, suffix in _LEGACY:
        if name in streams:
            return ExtractionError(
                ErrorCode.UNSUPPORTED_TYPE,
                f"This is a {program} file in the format from before 2007. Open it in {program}, "
                f"save it as {suffix} or PDF and upload that.",
            )
    return ExtractionError(ErrorCode.UNSUPPORTED_TYPE)


def _names_found(stream: BinaryIO, names: list[str]) -> set[str]:
    """Which names stand in the file. OLE directories may lie anywhere, in UTF-16."""
    wanted = {name.encode("utf-16-le"): name for name in names}
    found: set[str] = set()
    stream.seek(0)
    before = b""
    for _ in range(MAX_SEARCHED // CHUNK):
        if not (chunk := stream.read(CHUNK)):
            break
        window = before + chunk
        found |= {name for encoded, name in wanted.items() if encoded in window}
        before = chunk[-64:]
    return found
