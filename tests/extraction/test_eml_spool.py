"""The bodies of a message in a file: the same bytes as the library has them in memory."""

import io
from contextlib import closing
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.extraction.formats.eml_spool import LONG_HEADERS, LONG_LINE, Spool

HEAD = b"From: ann@example.org\nMIME-Version: 1.0\n"


def contents(data: bytes) -> list[bytes]:
    """What the parts hold, by the spool."""
    with closing(Spool()) as spool:
        message = spool.parsed(io.BytesIO(data))
        return [b"".join(spool.content(cast("EmailMessage", part))) for part in message.walk()]


def by_the_library(data: bytes) -> list[bytes]:
    message = message_from_bytes(data, policy=policy.default)
    found = (part.get_payload(decode=True) for part in message.walk())
    return [payload if isinstance(payload, bytes) else b"" for payload in found]


@given(
    text=st.text(st.sampled_from("ab é\n-=.日"), max_size=300),
    attached=st.lists(st.binary(max_size=300), max_size=3),
    cte=st.sampled_from(["base64", "quoted-printable", "8bit"]),
)
def test_it_holds_what_the_library_would(text: str, attached: list[bytes], cte: str) -> None:
    message = EmailMessage()
    message.set_content(text, cte=cte)
    for content in attached:
        message.add_attachment(content, maintype="application", subtype="x", filename="a")
    data = message.as_bytes(policy=policy.SMTP)
    assert [part.rstrip() for part in contents(data)] == [
        part.rstrip() for part in by_the_library(data)
    ]


@pytest.mark.parametrize(
    ("encoding", "body", "content"),
    [
        ("base64", b"SGVs\nbG8", b"Hello"),
        ("base64", b"SGVsbG8=\n--\nnot base64!", b"Hello"),
        ("quoted-printable", b"caf=C3=A9 =\nau lait", "café au lait".encode()),
        ("x-uuencode", b"begin 644 a\n%2&5L;&\\\n`\nend", b"Hello"),
        ("unheard-of", b"Hello", b"Hello"),
    ],
)
def test_content_is_unpacked(encoding: str, body: bytes, content: bytes) -> None:
    head = HEAD + f"Content-Transfer-Encoding: {encoding}\n\n".encode()
    (found,) = contents(head + body)
    assert found.startswith(content)


def test_lines_that_look_like_boundaries_stay() -> None:
    (found,) = contents(HEAD + b"\nHello\n-- \nAnn\n--\n\nEnd\n")
    assert found == b"Hello\n-- \nAnn\n--\n\nEnd\n"


@pytest.mark.parametrize("charset", ["utf-8", "us-ascii", "unheard-of"])
def test_such_a_line_keeps_its_bytes(charset: str) -> None:
    head = HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode()
    (found,) = contents(head + "--é\ncafé\n--日".encode())
    assert found == "--é\ncafé\n--日".encode()


def test_a_line_of_any_length_stays_whole() -> None:
    long = b"x" * (3 * LONG_LINE + 7)
    assert contents(HEAD + b"\n" + long + b"\nEnd") == [long + b"\nEnd"]


def test_headers_without_an_end_are_no_way_into_memory() -> None:
    lines = b"X-A: b\n" * (2 * LONG_HEADERS // 7)
    with closing(Spool()) as spool:
        assert sum(map(len, spool._skeleton(io.BytesIO(lines)))) < LONG_HEADERS + 1000


def test_a_message_in_a_message_keeps_its_headers() -> None:
    inner, outer = EmailMessage(), EmailMessage()
    inner["Subject"] = "Leak"
    inner.set_content("It leaks.")
    outer.set_content("See below.")
    outer.add_attachment(inner)
    with closing(Spool()) as spool:
        message = spool.parsed(io.BytesIO(outer.as_bytes()))
        *_, last = message.walk()
        assert [part["subject"] for part in message.walk() if part["subject"]] == ["Leak"]
        assert b"".join(spool.content(cast("EmailMessage", last))).strip() == b"It leaks."
