"""Content out of the encodings that mail travels in, piece by piece."""

import string
from binascii import Error, a2b_base64, a2b_qp, a2b_uu
from collections.abc import Iterator
from contextlib import suppress

_BASE64 = (string.ascii_letters + string.digits + "+/").encode()
_NOT_BASE64 = bytes(set(range(256)) - set(_BASE64))


def decoded(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """The bytes that were sent, as far as they are right; an unknown encoding changes nothing."""
    match encoding:
        case "base64":
            return _base64(chunks)
        case "quoted-printable":
            return map(a2b_qp, _lines(chunks))
        case "x-uuencode" | "uuencode" | "x-uue" | "uue":
            return _uuencoded(chunks)
        case _:
            return chunks


def _base64(chunks: Iterator[bytes]) -> Iterator[bytes]:
    left = b""
    for chunk in chunks:
        letters = left + chunk.translate(None, _NOT_BASE64)
        whole = len(letters) // 4 * 4
        yield a2b_base64(letters[:whole])
        left = letters[whole:]
    with suppress(Error):  # one letter alone is no byte
        yield a2b_base64(left + b"=" * (-len(left) % 4))


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces that end with their lines."""
    left = b""
    for chunk in chunks:
        begun, newline, rest = chunk.rpartition(b"\n")
        if newline:
            yield left + begun + newline
            left = rest
        else:
            left += chunk
    yield left


def _uuencoded(chunks: Iterator[bytes]) -> Iterator[bytes]:
    for piece in _lines(chunks):
        for line in piece.splitlines():
            if not line.startswith((b"begin ", b"end")):
                with suppress(Error):
                    yield a2b_uu(line)
