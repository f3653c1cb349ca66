"""Zip files from strangers: checked before they are opened, counted while they inflate.

Nothing is written to disk and no member's name is ever joined to a path.
"""

import io
import zipfile
import zlib
from typing import IO, BinaryIO

from experts.ingestion.errors import ErrorCode, ExtractionError

MAX_ENTRIES = 5_000
MAX_DIRECTORY = 4 << 20  # bytes; 5,000 entries with long names need about one MiB
MAX_EXPANDED = 500_000_000  # bytes, all members together
MAX_RATIO = 200  # expanded to packed; text packs to a tenth, repetitive XML to a fiftieth
SMALL = 10_000_000  # bytes that are no danger, whatever their ratio
HEADER = 30  # bytes of a member's own header, its name not counted


class Archive:
    """A zip file that has passed the checks. Raises ExtractionError when it does not."""

    def __init__(self, stream: BinaryIO) -> None:
        try:
            self._zip = zipfile.ZipFile(_Bounded(stream))
        except (zipfile.BadZipFile, NotImplementedError, ValueError, UnicodeError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error
        self.names = frozenset(self._zip.namelist())
        self._left = MAX_EXPANDED
        _check(self._zip.infolist())

    def open(self, name: str) -> "Member":
        """One member, to be read in pieces."""
        try:
            return Member(self, self._zip.open(name))
        except (zipfile.BadZipFile, NotImplementedError, KeyError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error

    def read(self, name: str, *, at_most: int = 10 << 20) -> bytes:
        """A small member whole; archive_bomb when it is not small."""
        data = self.open(name).read(at_most + 1)
        if len(data) > at_most:
            raise ExtractionError(ErrorCode.ARCHIVE_BOMB)
        return data

    def spend(self, count: int) -> None:
        """Count inflated bytes; what members declare about themselves can be a lie."""
        self._left -= count
        if self._left < 0:
            raise ExtractionError(ErrorCode.ARCHIVE_BOMB)


class Member:
    """A member being inflated, on its archive's account."""

    def __init__(self, archive: Archive, stream: IO[bytes]) -> None:
        self._archive = archive
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise ExtractionError(ErrorCode.CORRUPT) from error
        self._archive.spend(len(data))
        return data


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
