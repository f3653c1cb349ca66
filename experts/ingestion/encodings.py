"""Which encoding a text file is in: its mark, then UTF-8, then a guess."""

import codecs
import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes

from experts.ingestion.alphabets import LATIN, best_latin

CHUNK = 1 << 20
LONG_LINE = 40_000  # characters
SAMPLE = 1 << 16  # bytes for the guess, from the first that are not ASCII
MARKS = (  # longest first: the mark of UTF-32 begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
JAPANESE_ESCAPES = (b"\x1b$B", b"\x1b$@")  # ISO-2022-JP is ASCII but for these
MAX_NULS = 0.2  # of the bytes of a text that holds NULs for some reason
MAX_CONTROLS = 0.02  # of the rest, when it is UTF-8
MAX_CONTROLS_UNKNOWN = 0.003  # when it is not: random bytes have a tenth
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")
# What the guess may answer. Others, DOS code pages above all, are guessed more than used.
CANDIDATES = [
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "euc_kr", "cp949"),
    *("cp1250", "cp1251", "koi8_r", "koi8_u", "cp1252", "cp1253", "cp1254", "cp1255"),
    *("cp1256", "cp1257", "cp1258", "cp874", "iso8859_2", "mac_roman", "mac_cyrillic"),
]
_TRUSTED = {codecs.lookup(name).name for name in CANDIDATES}
# What the web means when it says so (WHATWG).
_MEANT = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030"}


class Followed:
    """A file that is being read, and how much of it has been: `share`, 0 to 1."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._size = path.stat().st_size
        self._stream: IO[Any] | None = None

    @property
    def share(self) -> float:
        if self._stream is None:
            return 0.0
        if self._stream.closed:
            return 1.0
        return min(1.0, os.lseek(self._stream.fileno(), 0, os.SEEK_CUR) / max(1, self._size))


class Decoded(Followed):
    """The text of a file in chunks; what cannot be decoded becomes U+FFFD."""

    def __init__(self, path: Path, encoding: str) -> None:
        super().__init__(path)
        self._encoding = encoding

    def __iter__(self) -> Iterator[str]:
        decoder = codecs.getincrementaldecoder(self._encoding)("replace")
        with self._path.open("rb") as self._stream:
            while chunk := self._stream.read(CHUNK):
                yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)


class Lines(Followed):
    """The lines of a text file, with their ends; one that is too long comes in parts.

    The parts are cut between words where there are any, so memory stays flat.
    """

    def __iter__(self) -> Iterator[str]:
        encoding = encoding_of(self._path)
        with self._path.open(encoding=encoding, errors="replace") as self._stream:
            carried = ""
            while read := self._stream.readline(LONG_LINE - len(carried)):
                piece, carried = carried + read, ""
                if len(piece) >= LONG_LINE and not piece.endswith("\n"):
                    cut = piece.rfind(" ", LONG_LINE // 2) + 1 or len(piece)
                    piece, carried = piece[:cut], piece[cut:]
                yield piece
            if carried:
                yield carried


def decode(data: bytes, declared: str = "") -> str:
    """A text that is in memory; `declared` is what its surroundings say of it, true or not."""
    head = data[:SAMPLE]
    name = marked(head) or unmarked_wide(head) or ""
    if not name and any(escape in head for escape in JAPANESE_ESCAPES):
        name = "iso2022_jp"
    for candidate in (name, "utf-8", codec_of(declared)):
        with contextlib.suppress(UnicodeDecodeError, LookupError):
            return data.decode(candidate)
    return data.decode(_guess(_from_first_letter(data)), "replace")


def codec_of(declared: str) -> str:
    """Python's name for an encoding that a document names; empty when it is none for text."""
    try:
        name = codecs.lookup(declared).name
    except (LookupError, ValueError):
        return ""
    meant = _MEANT.get(name, name)
    return meant if meant in _TRUSTED else ""


def encoding_of(path: Path) -> str:
    """The name of a codec that reads the whole file."""
    with path.open("rb") as stream:
        head = stream.read(SAMPLE)
    if found := marked(head) or unmarked_wide(head):
        return found
    if any(escape in head for escape in JAPANESE_ESCAPES):
        return "iso2022_jp"
    return "utf-8" if is_utf8(path) else _guess(_sample(path))


def marked(head: bytes) -> str | None:
    """The encoding that a byte order mark names."""
    return next((name for mark, name in MARKS if head.startswith(mark)), None)


def unmarked_wide(head: bytes) -> str | None:
    """UTF-16 without a mark: most characters are below 256, so every other byte is zero."""
    even, odd = head[0:4096:2], head[1:4096:2]
    if not odd:
        return None
    zeros = even.count(0) / len(even), odd.count(0) / len(odd)
    if max(zeros) < 0.4 or min(zeros) > 0.1:
        return None
    return "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file looks like text in some encoding."""
    if marked(head) or unmarked_wide(head):
        return True
    visible = head.replace(b"\0", b"")
    if len(visible) < len(head) * (1 - MAX_NULS):
        return False
    controls = len(_CONTROL.findall(visible)) / len(visible)
    return controls <= (MAX_CONTROLS if _may_be_utf8(visible) else MAX_CONTROLS_UNKNOWN)


def to_utf8(head: bytes) -> bytes:
    """The beginning of a text as UTF-8 where its encoding shows; else as it is."""
    encoding = marked(head) or unmarked_wide(head)
    return head.decode(encoding, "replace").encode() if encoding else head


def _may_be_utf8(head: bytes) -> bool:
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)  # a cut last character is fine
    except UnicodeDecodeError:
        return False
    return True


def is_utf8(path: Path) -> bool:
    """Whether it is UTF-8, a stray bad byte in a hundred good characters forgiven."""
    bad = good = 0
    for text in Decoded(path, "utf-8"):
        if not text.isascii():
            bad += text.count("\ufffd")
            good += sum(map("\x7f".__lt__, text))
    return bad * 100 <= good


def _guess(sample: bytes) -> str:
    found = from_bytes(sample, cp_isolation=CANDIDATES, enable_fallback=False).best()
    return best_latin(sample) if found is None or found.encoding in LATIN else found.encoding


def _sample(path: Path) -> bytes:
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            if not chunk.isascii():
                return _from_first_letter(chunk)
    return b""


def _from_first_letter(text: bytes) -> bytes:
    """As much as the guess needs, from shortly before the first byte that is not ASCII."""
    first = next(i for i, byte in enumerate(text) if byte > 0x7F)
    return text[max(0, first - 200) :][:SAMPLE]
