"""Which encoding a text file is in: its mark, then UTF-8, then a guess."""

import codecs
import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from charset_normalizer import from_bytes

from experts.extraction.alphabets import LATIN, best_latin, own_script
from experts.extraction.encoding_names import CANDIDATES, codec_of

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
MAX_NULS = 0.2  # of the bytes of a text (in UTF-8) that holds NULs for some reason
LEAST_LETTERS = 0.6  # of what UTF-16 without a mark must make
MAX_CONTROLS = 0.02  # of the rest, when it is UTF-8
MAX_CONTROLS_UNKNOWN = 0.003  # when it is not: random bytes have a tenth
_CONTROL = re.compile(rb"[\x01-\x08\x0e-\x1a\x1c-\x1f\x7f]")


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
    """UTF-16 without a mark, by the zeros in every other byte.

    Where most characters are below 256, there are many; else those of spaces and line ends are
    the only ones, and what the rest makes must be letters.
    """
    even, odd = head[0:4096:2], head[1:4096:2]
    if not odd:
        return None
    zeros = even.count(0) / len(even), odd.count(0) / len(odd)
    name = "utf-16-be" if zeros[0] > zeros[1] else "utf-16-le"
    if max(zeros) >= 0.4:
        return name if min(zeros) <= 0.1 else None
    lopsided = max(zeros) > 3 * min(zeros) and not _is_narrow(head)
    return name if lopsided and _is_written(head[:4096], name) else None


def _is_written(head: bytes, encoding: str) -> bool:
    """Whether it is letters for the most part, and nothing that cannot be printed."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)
    except UnicodeDecodeError:
        return False
    shown = [char for char in text if not char.isspace()]
    letters = sum(map(str.isalnum, shown))
    return all(map(str.isprintable, shown)) and letters > LEAST_LETTERS * len(shown)


def is_text(head: bytes) -> bool:
    """Whether the beginning of a file looks like text in some encoding."""
    return bool(marked(head) or unmarked_wide(head)) or _is_narrow(head)


def _is_narrow(head: bytes) -> bool:
    visible = head.replace(b"\0", b"")
    if len(visible) < len(head) * (1 - MAX_NULS):
        return False
    controls = len(_CONTROL.findall(visible)) / len(visible)
    if _may_be_utf8(visible):
        return controls <= MAX_CONTROLS
    return controls <= MAX_CONTROLS_UNKNOWN and len(visible) == len(head)


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
    if name := own_script(sample):
        return name
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
