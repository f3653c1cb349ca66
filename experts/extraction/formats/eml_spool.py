"""The bodies of a message in a file, so that memory stays flat however much is attached.

The parser of the standard library keeps what it is fed, at six times its size. So it is fed the
headers and every line that could be a boundary, and a mark in the place of the lines between.
"""

import re
import tempfile
from codecs import BOM_UTF8
from collections.abc import Iterator
from copy import copy
from email import policy
from email.message import EmailMessage
from email.parser import BytesFeedParser
from secrets import token_hex
from typing import BinaryIO, cast

from experts.extraction.formats.eml_transfer import decoded

LONG_LINE = 1 << 16  # bytes; a longer one comes in parts
LONG_HEADERS = 1 << 20  # bytes; what goes on after them is no header
CHUNK = 1 << 18  # bytes

_MESSAGE = re.compile(rb"content-type:\s*message/", re.IGNORECASE)


class Spool:
    """What the marks stand for, until it is closed."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        self._begins: list[int] = []  # of what each mark stands for; it ends where the next begins
        self._word = f"spooled-{token_hex(16)}-".encode()
        self._mark = re.compile(rb"%b(\d+)\n?" % self._word)

    def parsed(self, stream: BinaryIO) -> EmailMessage:
        """The message; where its parts hold marks, `content` knows what they stand for."""
        parser = BytesFeedParser(policy=policy.default)
        for data in self._skeleton(stream):
            parser.feed(data)
        self._begins.append(self._file.tell())
        return cast("EmailMessage", parser.close())

    def content(self, part: EmailMessage) -> Iterator[bytes]:
        """What a part holds, out of base64 or quoted-printable, as far as that is right."""
        encoding = str(part.get("content-transfer-encoding", ""))
        return decoded(self._encoded(part), encoding.strip().lower())

    def close(self) -> None:
        self._file.close()

    def _skeleton(self, stream: BinaryIO) -> Iterator[bytes]:
        """What the parser needs. A message within a message has headers of its own."""
        headers: int | None = 0  # bytes of those that we are in; None in a body
        encloses = is_marked = False
        begins = True  # a line, rather than go on with one
        if stream.read(len(BOM_UTF8)) != BOM_UTF8:
            stream.seek(0)
        while line := stream.readline(LONG_LINE):
            if begins and line.startswith(b"--"):
                headers, encloses = 0, False
            in_body = headers is None
            if headers is None:
                if not is_marked:
                    yield self._new_mark()
                self._file.write(line)
            else:
                yield line
                headers += len(line)
                encloses = encloses or bool(_MESSAGE.match(line))
                if headers > LONG_HEADERS:
                    yield b"\n\n"
                if (begins and not line.strip()) or headers > LONG_HEADERS:
                    headers, encloses = (0 if encloses else None), False
            is_marked, begins = in_body, line.endswith(b"\n")

    def _new_mark(self) -> bytes:
        self._begins.append(self._file.tell())
        return b"%b%d\n" % (self._word, len(self._begins) - 1)

    def _encoded(self, part: EmailMessage) -> Iterator[bytes]:
        raw = copy(part)  # the parser gives text, in the encoding that the part declares
        del raw["Content-Type"]
        raw["Content-Type"] = "text/plain; charset=latin-1"  # in which each byte is a character
        payload = raw.get_payload()
        if not isinstance(payload, str):
            return
        literal, *others = self._mark.split(payload.encode("latin-1"))
        yield literal
        for number, following in zip(others[::2], others[1::2], strict=True):
            yield from self._stored(int(number))
            yield following

    def _stored(self, number: int) -> Iterator[bytes]:
        begin, end = self._begins[number : number + 2]
        while begin < end:
            self._file.seek(begin)
            chunk = self._file.read(min(CHUNK, end - begin))
            begin += len(chunk)
            yield chunk
