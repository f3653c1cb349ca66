"""Zip files from strangers: checked before they are opened, counted while they inflate.

Nothing is written to disk and no member's name is ever joined to a path.
"""

import io
import zipfile
import zlib
from collections.abc import Iterable
from typing import IO, BinaryIO

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.pages import Document, Reached, Section, only_pictures

MAX_ENTRIES = 5_000
MAX_DIRECTORY = 4 << 20  # bytes; 5,000 entries with long names need about one MiB
MAX_EXPANDED = 500_000_000  # bytes, all members together
MAX_RATIO = 200  # expanded to packed; text packs to a tenth, repetitive XML to a fiftieth
SMALL = 10_000_000  # bytes that are no danger, whatever their ratio
TEXT_NAMES = (".xml", ".xhtml", ".html", ".htm")
HEADER = 30  # bytes of a member's own header, its name not counted


class Archive:
    """A zip file that has passed the checks. Raises ExtractionError when it does not."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(_Bounded(stream))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error
        self.names = frozenset(self._zip.namelist())
        self._account = Account()
        _check(self._zip.infolist())
        self._text = self.size(*filter(is_text, self.names))

    @property
    def share(self) -> float:
        """How much of the text has been read, 0 to 1, as far as the declared sizes are right."""
        return min(1.0, self._account.text / max(1, self._text))

    def size(self, *names: str) -> int:
        """Bytes of these members, as the archive declares them."""
        return sum(self._zip.getinfo(name).file_size for name in names)

    def open(self, name: str) -> "Member":
        """One member, to be read in pieces."""
        return self._open(name, self._account)

    def survey(self, name: str) -> "Member":
        """A member that is inflated once more than it is read, on an account of its own."""
        return self._open(name, Account())

    def _open(self, name: str, account: "Account") -> "Member":
        try:
            return Member(account, self._zip.open(name), text=is_text(name))
        except (zipfile.BadZipFile, NotImplementedError, KeyError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error

    def read(self, name: str, *, at_most: int = 10 << 20) -> bytes:
        """A small member whole; archive_bomb when it is not small."""
        data = self.open(name).read(at_most + 1)
        if len(data) > at_most:
            raise ExtractionError(ErrorCode.ARCHIVE_BOMB)
        return data


def document_in(
    archive: Archive,
    found: Iterable[Section],
    *,
    skip: int,
    has_pictures: bool,
    place: str = "Part 1",
) -> Document:
    """What was `found` in it; where no part has words, one page for its pictures, if it has any.

    Raises what reading raises: corrupt, encrypted, archive_bomb, too_complex, empty.
    """
    try:
        return Document.of_sections(found, skip=skip, reached=lambda: Reached(archive.share))
    except ExtractionError as error:
        if error.code == ErrorCode.EMPTY and has_pictures:
            return only_pictures(place)
        raise


class Account:
    """Counts inflated bytes; what members declare about themselves can be a lie."""

    def __init__(self) -> None:
        self._left = MAX_EXPANDED
        self.text = 0  # bytes of what may hold words

    def spend(self, count: int, *, text: bool) -> None:
        """Raises ExtractionError (archive_bomb)."""
        self._left -= count
        self.text += count * text
        if self._left < 0:
            raise ExtractionError(ErrorCode.ARCHIVE_BOMB)


class Member:
    """A member being inflated, on somebody's account."""

    def __init__(self, account: Account, stream: IO[bytes], *, text: bool) -> None:
        self._account = account
        self._stream = stream
        self._text = text

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error
        self._account.spend(len(data), text=self._text)
        return data


def is_text(name: str) -> bool:
    """Whether a member can hold words, by its name."""
    return name.lower().endswith(TEXT_NAMES)


def _check(entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise ExtractionError(ErrorCode.ENCRYPTED)
    expanded = sum(entry.file_size for entry in entries)
    packed = sum(entry.compress_size for entry in entries)
    if (
        len(entries) > MAX_ENTRIES
        or expanded > MAX_EXPANDED
        or expanded > max(SMALL, MAX_RATIO * packed)
        or len({entry.filename for entry in entries}) < len(entries)
        or _overlap(entries)
    ):
        raise ExtractionError(ErrorCode.ARCHIVE_BOMB)


def _overlap(entries: list[zipfile.ZipInfo]) -> bool:
    """Whether members share bytes: how a small file unpacks to petabytes."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            return True
        end = entry.header_offset + HEADER + len(entry.filename) + entry.compress_size
    return False


class _Bounded(io.BufferedIOBase):
    """Refuses large single reads: zipfile loads a directory of any size in one."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def read(self, size: int | None = -1, /) -> bytes:
        wanted = MAX_DIRECTORY + 1 if size is None or size < 0 else min(size, MAX_DIRECTORY + 1)
        data = self._stream.read(wanted)
        if len(data) > MAX_DIRECTORY:
            raise ExtractionError(ErrorCode.ARCHIVE_BOMB)
        return data

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True
