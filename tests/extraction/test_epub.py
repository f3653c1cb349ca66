"""E-books: chapter by chapter, under the titles of the table of contents."""

from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.quality import Condition
from tests.extraction.files import LAUGHS, archive, epub, read_bytes

WHALE = "Call me Ishmael. Some years ago, never mind how long precisely. "


def test_chapters_come_in_the_order_of_the_spine(tmp_path: Path) -> None:
    book = epub({"b": "<p>The second.</p>", "a": "<p>The first.</p>"}, spine=["a", "b"])
    outcome = read_bytes(tmp_path, "book.epub", book)
    assert (outcome.locations, outcome.total) == (["Chapter 1", "Chapter 2"], 2)
    assert [page.text for page in outcome.pages] == ["The first.", "The second."]


@pytest.mark.parametrize("version", [2, 3])
def test_the_table_of_contents_names_the_chapters(tmp_path: Path, version: int) -> None:
    contents = {"a.xhtml": "Loomings", "b.xhtml": "The Carpet-Bag"}
    book = epub(
        {"a": f"<h2>1.</h2><p>{WHALE}</p>", "b": "<p>I stuffed a shirt or two.</p>"},
        contents=contents,
        version=version,
    )
    outcome = read_bytes(tmp_path, "book.epub", book)
    assert outcome.locations == ["Loomings", "The Carpet-Bag"]
    assert outcome.pages[0].text == f"1.\n\n{WHALE.strip()}"


def test_without_one_the_first_heading_does(tmp_path: Path) -> None:
    book = epub({"a": f"<h1>Loomings</h1><p>{WHALE}</p>"})
    assert read_bytes(tmp_path, "book.epub", book).locations == ["Loomings"]


def test_a_document_can_hold_several_chapters(tmp_path: Path) -> None:
    body = f"<h2>Loomings</h2><p>{WHALE}</p><h2>The Carpet-Bag</h2><h3>Aside</h3><p>A shirt.</p>"
    contents = {"a.xhtml#one": "Loomings", "a.xhtml#two": "The Carpet-Bag"}
    outcome = read_bytes(tmp_path, "book.epub", epub({"a": body}, contents=contents))
    assert outcome.locations == ["Loomings", "The Carpet-Bag"]
    assert outcome.pages[1].text == "The Carpet-Bag\n\nAside\n\nA shirt."


def test_a_chapter_goes_on_in_a_document_that_is_not_named(tmp_path: Path) -> None:
    chapters = {"a": f"<p>{WHALE * 50}</p>", "b": f"<p>{WHALE * 50}</p>"}
    outcome = read_bytes(tmp_path, "book.epub", epub(chapters, contents={"a.xhtml": "Loomings"}))
    assert outcome.locations == ["Loomings", "Loomings, part 2"]


def test_an_encoding_is_believed_and_scripts_are_not_read(tmp_path: Path) -> None:
    body = "<?xml version='1.0' encoding='windows-1251'?><html><body><p>Глава первая"
    markup = f"{body}<script>gone()</script></p></body></html>".encode("cp1251")
    outcome = read_bytes(tmp_path, "book.epub", epub({}, **{"a.xhtml": markup}, spine=["a"]))
    assert outcome.text == "Глава первая"


def test_a_book_of_pictures_has_no_text(tmp_path: Path) -> None:
    book = epub({"a": "<img src='1.jpg'/>"}, **{"1.jpg": b"\xff\xd8"})
    outcome = read_bytes(tmp_path, "book.epub", book)
    assert [(page.condition, page.scanned) for page in outcome.pages] == [(Condition.NO_TEXT, True)]


def test_a_missing_chapter_is_told(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "book.epub", epub({"a": "<p>Here.</p>"}, spine=["a", "gone"]))
    assert (outcome.text, outcome.code) == ("Here.", ErrorCode.CORRUPT)


def test_a_repeated_chapter_is_read_once(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "book.epub", epub({"a": "<p>Once.</p>"}, spine=["a"] * 50_000))
    assert (outcome.text, outcome.code) == ("Once.", None)


def encrypted(name: str) -> bytes:
    reference = f'<e><EncryptedData><CipherReference URI="{name}"/></EncryptedData></e>'
    return epub({"a": "<p>Words.</p>"}, **{"META-INF/encryption.xml": reference})


def test_a_locked_book_says_so_but_locked_fonts_do_not_matter(tmp_path: Path) -> None:
    locked = read_bytes(tmp_path, "a.epub", encrypted("OPS/a.xhtml"))
    fonts = read_bytes(tmp_path, "b.epub", encrypted("OPS/font.otf"))
    assert (locked.code, fonts.text) == (ErrorCode.ENCRYPTED, "Words.")


def test_references_out_of_the_book_lead_nowhere(tmp_path: Path) -> None:
    outside = epub({"a": "<p>Words.</p>"}, hrefs={"a": "../../../../../../etc/passwd"})
    outcome = read_bytes(tmp_path, "book.epub", outside)
    assert (outcome.text, outcome.code) == ("", ErrorCode.CORRUPT)


@pytest.mark.parametrize(
    ("book", "code"),
    [
        (epub({"a": "<p>" + " " * 40_000_000}), ErrorCode.ARCHIVE_BOMB),
        (epub({"a": "<p>&i;</p>"}, prologue=LAUGHS), ErrorCode.TOO_COMPLEX),
        (epub({}), ErrorCode.CORRUPT),
        (epub({"a": ""}), ErrorCode.EMPTY),
        (archive(mimetype="application/epub+zip"), ErrorCode.CORRUPT),
    ],
    ids=["bomb", "laughs", "no spine", "no words", "hollow"],
)
def test_it_ends_with_its_code(tmp_path: Path, book: bytes, code: ErrorCode) -> None:
    outcome = read_bytes(tmp_path, "book.epub", book)
    assert (outcome.code, outcome.text) == (code, "")


def test_100_000_nested_tags_keep_their_text(tmp_path: Path) -> None:
    book = epub({"a": "<div>" * 100_000 + "deep" + "</div>" * 100_000})
    assert read_bytes(tmp_path, "book.epub", book).text == "deep"


def test_a_document_type_without_entities_does_no_harm(tmp_path: Path) -> None:
    prologue = '<!DOCTYPE package PUBLIC "-//OEB 1.2 Package//EN" "http://127.0.0.1:9/oeb.dtd">'
    content = epub({"a": "<p>Words</p>"}, prologue=prologue)
    assert read_bytes(tmp_path, "a.epub", content).text == "Words"
