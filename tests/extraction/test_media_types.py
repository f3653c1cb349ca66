"""The content says what a file is; its name hardly matters."""

import io

import pytest

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import (
    CSV,
    DOCX,
    EPUB,
    HTML,
    JSON,
    JSON_LINES,
    MAIL,
    MARKDOWN,
    ODT,
    PDF,
    PNG,
    PPTX,
    RTF,
    TEXT,
    XLSX,
)
from experts.extraction.media_types import detect
from tests.extraction.files import archive, docx, epub, paragraph, pdf
from tests.extraction.office import odt, pptx, xlsx

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BITMAP = b"BM6\x04\x01\0\0\0\0\x006\x04\0\0" + bytes(4) + b"\xff\xf9\xf5\xf0" * 400
PICTURE = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60)


def refusal(content: bytes, name: str) -> ExtractionError:
    with pytest.raises(ExtractionError) as caught:
        detect(io.BytesIO(content), name)
    return caught.value


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (pdf("Words"), "manual.pdf", PDF),
        (pdf("Words"), "manual.txt", PDF),
        (b"\r\n\xef\xbb\xbf" + pdf("Words"), "late.pdf", PDF),
        (b"HTTP/1.1 200 OK\r\n\r\n" + pdf("Words"), "download.pdf", PDF),
        (b"Every file starts with %PDF-1.7, they say.", "about.txt", TEXT),
        (docx(paragraph("Words")), "letter.docx", DOCX),
        (docx(paragraph("Words")), "letter.pdf", DOCX),
        (b"<!DOCTYPE html><p>Words", "page.html", HTML),
        (b"<!-- saved -->\n<HTML><body>Words", "page.txt", HTML),
        (b"<?xml version='1.0'?><html xmlns='x'>Words</html>", "page.xhtml", HTML),
        ("<html>Wörter</html>".encode("utf-16"), "page.htm", HTML),
        (b"<p align=center>Words</p>", "README.md", MARKDOWN),
        (b"<p align=center>Words</p>", "fragment", HTML),
        (b"Words in <b>bold</b>", "fragment.htm", HTML),
        (b"Words in <b>bold</b>", "fragment.txt", TEXT),
        (b"<svg><path d='M0'/></svg>\n# Words", "README.md", MARKDOWN),
        (b"# Words", "notes.MD", MARKDOWN),
        (b"# Words", "notes.txt", TEXT),
        (b"# Words", "notes", TEXT),
        ("Wörter".encode("cp1252"), "alt.txt", TEXT),
        ("слова и слова".encode("koi8-r"), "old.txt", TEXT),
        ("言葉".encode("shift-jis"), "japanese.txt", TEXT),
        ("Words and words".encode("utf-16-le"), "no-mark.txt", TEXT),
        (b"A word\0\0 and another\n" * 5, "nul.txt", TEXT),
        (epub({"a": "Words"}), "book.zip", EPUB),
        (archive(**{"META-INF/container.xml": "<c/>"}), "book.epub", EPUB),
        (b"Received: from x\nSubject: Words\n\nHello", "mail.txt", MAIL),
        (b"Subject: Words\r\nTo: x\r\n\r\nHello", "draft.eml", MAIL),
        (b"Subject: Words\n\nMIME-Version: is what mail has", "letter.txt", TEXT),
        (b'{"words": 1}', "data.txt", JSON),
        (b'[{"words": "' + b"many " * 20_000, "cut.json", JSON),
        (b'{"words": 1}\n\n{"words": 2}\n', "log.json", JSON_LINES),
        (b"[" * 100_000, "deep.json", JSON),
        (b'{"words": 1}, they said', "letter.txt", TEXT),
        (PICTURE, "scan.jpg", PNG),
        (b"name,value\nwords,2\n", "table.csv", CSV),
        (b"name\tvalue\nwords\t2\n", "table.TSV", CSV),
        (b"name\tvalue\nwords\t2\n", "export.xls", CSV),
        (b"name,value\nwords,2\n", "table.txt", TEXT),
        (b"<table><tr><td>words", "export.xls", HTML),
        (pptx(), "slides.pptx", PPTX),
        (xlsx({}), "table.csv", XLSX),
        (odt(""), "letter.odt", ODT),
        (archive(mimetype=f"{ODT}-template"), "letter.ott", ODT),
        (b"{\\rtf1 Words}", "letter.doc", RTF),
    ],
)
def test_it_tells_the_type_by_the_content(content: bytes, name: str, media_type: str) -> None:
    assert detect(io.BytesIO(content), name) == media_type


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "nothing.pdf", ErrorCode.EMPTY),
        (PICTURE, "picture.pdf", ErrorCode.UNSUPPORTED_TYPE),
        (b"<svg xmlns='x'><text>Words</text></svg>", "a.svg", ErrorCode.UNSUPPORTED_TYPE),
        (b"<!DOCTYPE s [<!ENTITY a 'x'>]><s>&a;</s>", "a.txt", ErrorCode.UNSUPPORTED_TYPE),
        (BITMAP, "picture.bmp", ErrorCode.UNSUPPORTED_TYPE),
        (bytes(range(256)) * 40, "noise.txt", ErrorCode.UNSUPPORTED_TYPE),
        (b"\x1f\x8b\x08" + bytes(40), "table.csv", ErrorCode.UNSUPPORTED_TYPE),
        (archive(readme="Words"), "bundle.zip", ErrorCode.UNSUPPORTED_TYPE),
        (b"<?xml version='1.0'?><svg/>", "drawing.svg", ErrorCode.UNSUPPORTED_TYPE),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "locked.docx", ErrorCode.ENCRYPTED),
        (OLE + "WordDocument".encode("utf-16-le"), "old.doc", ErrorCode.UNSUPPORTED_TYPE),
        (OLE, "thumbs.db", ErrorCode.UNSUPPORTED_TYPE),
        (b"PK\x03\x04" + bytes(40), "cut.docx", ErrorCode.CORRUPT),
        (b"404 not found", "manual.pdf", ErrorCode.CORRUPT),
    ],
)
def test_it_refuses_with_the_reason(content: bytes, name: str, code: ErrorCode) -> None:
    assert refusal(content, name).code == code


def test_it_names_the_old_format_and_the_way_out() -> None:
    old = refusal(OLE + "WordDocument".encode("utf-16-le"), "old.doc")
    assert "from before 2007" in old.message
    assert "save it as .docx" in old.message


def test_it_says_what_a_picture_is() -> None:
    assert refusal(b"GIF89a" + bytes(60), "moving.gif").message.startswith("This is a picture")


def test_it_knows_an_opendocument_file_under_a_password() -> None:
    content = archive(
        **{
            "mimetype": "application/vnd.oasis.opendocument.text",
            "META-INF/manifest.xml": "<manifest:encryption-data/>",
        }
    )
    assert refusal(content, "locked.odt").code == ErrorCode.ENCRYPTED


def test_it_leaves_the_stream_at_its_beginning() -> None:
    stream = io.BytesIO(docx(paragraph("Words")))
    detect(stream, "letter.docx")
    assert stream.tell() == 0


def test_it_is_not_slowed_down_by_open_comments() -> None:
    content = b"<!-- a --> " * 5000 + b"<!--"
    assert detect(io.BytesIO(content), "notes.txt") == TEXT
