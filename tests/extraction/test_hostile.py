"""Files made to hurt: each ends with its code or its words, within seconds."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from tests.extraction.files import (
    LAUGHS,
    WORD,
    archive,
    docx,
    locked,
    paragraph,
    pdf,
    read,
    read_bytes,
)

XXE = '<!DOCTYPE w [<!ENTITY i SYSTEM "file:///etc/passwd">]>'


def recursive_pages() -> bytes:
    """A page tree whose only branch is itself."""
    objects = [
        b"1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj",
        b"2 0 obj<</Type/Pages/Count 9/Kids[2 0 R]>>endobj",
    ]
    return b"%PDF-1.4\n" + b"\n".join(objects) + b"\ntrailer<</Root 1 0 R>>\n%%EOF"


def deep_xml() -> str:
    return "<w:sdt>" * 5000 + "</w:sdt>" * 5000


ATTRIBUTES = b"<html><p " + b" ".join(b"a%d=b" % number for number in range(200_000))


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("zero.pdf", b"", ErrorCode.EMPTY),
        ("locked.pdf", locked(pdf("x"), user="u", owner="o"), ErrorCode.ENCRYPTED),
        ("cut.pdf", pdf("x" * 500)[:300], ErrorCode.CORRUPT),
        ("header.pdf", b"%PDF-1.7\n" + bytes(range(256)) * 8, ErrorCode.CORRUPT),
        ("recursive.pdf", recursive_pages(), ErrorCode.CORRUPT),
        ("bomb.docx", docx("<w:p/>" + " " * 40_000_000), ErrorCode.ARCHIVE_BOMB),
        ("laughs.docx", docx(paragraph("&i;"), prologue=LAUGHS), ErrorCode.TOO_COMPLEX),
        ("xxe.docx", docx(paragraph("&i;"), prologue=XXE), ErrorCode.TOO_COMPLEX),
        ("deep.docx", docx(deep_xml()), ErrorCode.TOO_COMPLEX),
        ("unclosed.docx", docx("<w:p><w:r>"), ErrorCode.CORRUPT),
        ("hollow.docx", archive(**{"word/document.xml": "<x/>"}), ErrorCode.UNSUPPORTED_TYPE),
        ("nothing.docx", docx(""), ErrorCode.EMPTY),
        ("blank.html", b"<html><script>x()</script></html>", ErrorCode.EMPTY),
        ("noise.md", bytes(range(256)) * 100, ErrorCode.UNSUPPORTED_TYPE),
    ],
)
def test_it_ends_with_its_code(tmp_path: Path, name: str, content: bytes, code: ErrorCode) -> None:
    outcome = read_bytes(tmp_path, name, content)
    assert (outcome.code, outcome.text.strip()) == (code, "")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("brackets.md", b"[" * 100_000 + b" the end", "the end"),
        ("quotes.md", b"> " * 100_000 + b"the end", "the end"),
        ("stars.md", b"*a **b " * 50_000 + b"the end", "the end"),
        ("fences.md", b"```\n" * 50_000 + b"the end", "the end"),
        ("marks.txt", b"e" + "\u0301".encode() * 200_000 + b" the end", "the end"),
        ("line.txt", b"x" * 3_000_000 + b" the end", "the end"),
        ("tags.html", b"<html>" + b"<p>" * 100_000 + b"the end", "the end"),
        ("open.html", b"<html>" + b"<" * 100_000 + b" the end", "the end"),
        ("comments.html", b"<html><p>the end" + b"<!--" * 100_000, "the end"),
        ("attributes.html", ATTRIBUTES + b">the end", "the end"),
        ("entities.html", b"<html>" + b"&amp;" * 100_000 + b"the end", "the end"),
        (
            "rows.docx",
            docx(f"<w:p><w:r>{'<w:tab/>' * 200_000}<w:t>the end</w:t></w:r></w:p>"),
            "the end",
        ),
    ],
)
def test_what_is_heaped_up_does_not_bury_the_words(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    outcome = read_bytes(tmp_path, name, content)
    assert outcome.code is None
    assert words in outcome.text


def test_no_file_of_the_machine_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("root:x:0:0")
    prologue = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e SYSTEM "{secret.as_uri()}">]>'
    outcome = read_bytes(tmp_path, "a.html", f"{prologue}<html><p>open &e;</html>".encode())
    assert "open" in outcome.text
    assert "root" not in outcome.text


def test_nothing_is_fetched(tmp_path: Path) -> None:
    with listener() as (address, asked):
        page = f"<html><img src='{address}/i'><link href='{address}/c' rel=stylesheet><p>Words"
        assert read_bytes(tmp_path, "a.html", page.encode()).text == "Words"
        links = (
            '<Relationships xmlns="x"><Relationship Id="r" TargetMode="External" '
            f'Target="{address}/t"/></Relationships>'
        )
        document = (
            f'<w:document xmlns:w="{WORD}"><w:body>{paragraph("Words")}</w:body></w:document>'
        )
        package = archive(
            **{
                "[Content_Types].xml": "<Types xmlns='x'/>",
                "word/document.xml": document,
                "word/_rels/document.xml.rels": links,
            }
        )
        assert read_bytes(tmp_path, "a.docx", package).text == "Words"
    assert asked == []


def test_the_name_of_a_member_is_never_a_path(tmp_path: Path) -> None:
    package = docx(paragraph("Words"), **{"../../../../tmp/escaped": "out"})
    assert read_bytes(tmp_path, "a.docx", package).text == "Words"
    assert not Path("/tmp/escaped.xml").exists()  # noqa: S108 - it must not


def test_a_link_to_nowhere_is_an_error_of_ours(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone.txt")


@contextmanager
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on this machine, and what it is asked for."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()
