"""HTML: what a reader sees, under the heading where it stands."""

import time
from pathlib import Path

import pytest

from experts.extraction.formats.html import paragraphs
from experts.extraction.formats.html_depth import MAX_DEPTH, flattened
from tests.extraction.files import read_bytes


def text_of(markup: str) -> str:
    return "\n".join(piece.text for piece in paragraphs(markup))


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>One <b>bo</b>ld\n word</p><p>Two</p>", "One bold word\nTwo"),
        ("<div>One<div>Two</div>Three</div>", "One\nTwo\nThree"),
        ("<p>One<br>Two", "One\nTwo"),
        ("<ul><li>One<ul><li>Two</ul><li><p>Three</ul>After", "- One\n- Two\n- Three\nAfter"),
        ("<table><tr><th>A<th>B<tr><td>1<td><p>2</p></table>", "A\tB\n1\t2"),
        ("<pre>a\n  b</pre>", "a\n  b"),
        ("x&amp;y&nbsp;&#8364;", "x&y €"),
        ("<math><mi>x</mi><mo>=</mo><mn>2</mn><annotation>x=2</annotation></math>", "x=2"),
        ("<dl><dt>Term<dd>Meaning</dl>", "Term\nMeaning"),
    ],
)
def test_it_reads_as_it_looks(markup: str, text: str) -> None:
    assert text_of(markup) == text


@pytest.mark.parametrize(
    "hidden",
    [
        "<script>gone()</script>",
        "<style>.gone{}</style>",
        "<nav>gone</nav>",
        "<template><p>gone</template>",
        "<div hidden>gone</div>",
        "<span style='display: none'>gone</span>",
        "<!-- gone -->",
        "<svg><text>gone</text></svg>",
        "<iframe src='file:///etc/passwd'>gone</iframe>",
    ],
)
def test_what_is_not_shown_is_not_read(hidden: str) -> None:
    assert text_of(f"<p>One</p>{hidden}<p>Two</p>") == "One\nTwo"


def test_a_layout_table_is_not_one_row() -> None:
    words = "Many words. " * 60
    markup = f"<table><tr><td><h1>Title</h1><p>{words}<td><p>{words}</table>"
    assert [piece.level for piece in paragraphs(markup)] == [1, 0, 0]


def test_it_is_cut_at_headings(tmp_path: Path) -> None:
    markup = "<title>Guide</title><body><h1>Install</h1><p>Turn.</p><h1>Use</h1><p>Go on.</p>"
    outcome = read_bytes(tmp_path, "a.html", f"<!DOCTYPE html>{markup}".encode())
    assert outcome.locations == ["Section “Install”", "Section “Use”"]
    assert outcome.pages[1].text == "Use\n\nGo on."


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("shift_jis", "shift-jis"), ("windows-1251", "cp1251"), ("iso-8859-1", "cp1252")],
)
def test_it_believes_the_declared_encoding(tmp_path: Path, declared: str, encoding: str) -> None:
    text = {"shift-jis": "言葉です", "cp1251": "слова", "cp1252": "Wörter “hier”"}[encoding]
    markup = f"<html><meta charset={declared}><p>{text}</html>"
    assert read_bytes(tmp_path, "a.html", markup.encode(encoding)).text == text


@pytest.mark.parametrize("declared", ["utf-8", "rot13", "no-such-thing", "idna"])
def test_it_does_not_believe_nonsense(tmp_path: Path, declared: str) -> None:
    markup = f"<html><meta charset={declared}><p>Die Straße führt über die Brücke.</html>"
    outcome = read_bytes(tmp_path, "a.html", markup.encode("cp1252"))
    assert outcome.text == "Die Straße führt über die Brücke."


def test_100_000_nested_elements_keep_their_text() -> None:
    began = time.monotonic()
    assert text_of("<div>" * 100_000 + "deep" + "</div>" * 100_000 + "<p>after") == "deep\nafter"
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("opening", ["<b>", "<div></b>", "<font><p>", "<div><table><tr><td></div>"])
def test_nesting_by_other_means_is_no_way_around(opening: str) -> None:
    began = time.monotonic()
    assert "deep" in text_of(opening * 30_000 + "deep")
    assert time.monotonic() - began < 10


def test_ordinary_nesting_is_left_alone() -> None:
    markup = "<div><p>a<p>b<br><li>c</div>" * (MAX_DEPTH + 1)
    assert flattened(markup) == markup


@pytest.mark.parametrize(
    ("label", "encoding", "text"),
    [
        ("iso-8859-15", "iso8859-15", "5 €, œuvre"),
        ("ISO-8859-5", "iso8859-5", "Привет"),
        ("iso-8859-6", "iso8859-6", "العربية"),
        ("iso-8859-8-i", "iso8859-8", "שלום"),
        ("iso-8859-9", "iso8859-9", "ığdır"),
        ("x-sjis", "cp932", "日本語"),
        ("tis-620", "cp874", "ภาษาไทย"),
        ("ibm866", "cp866", "Привет"),
        ("windows-874", "cp874", "ไทย"),
        ("big5-hkscs", "big5hkscs", "香港"),
    ],
)
def test_it_believes_every_encoding_that_a_page_names(
    tmp_path: Path, label: str, encoding: str, text: str
) -> None:
    page = f"<html><head><meta charset={label}></head><body>{text}</body></html>"
    assert read_bytes(tmp_path, "a.html", page.encode(encoding)).text == text


def test_it_believes_the_encoding_that_xml_names(tmp_path: Path) -> None:
    page = '<?xml version="1.0" encoding="iso-8859-5"?><html><body>Привет</body></html>'
    assert read_bytes(tmp_path, "a.xhtml", page.encode("iso8859-5")).text == "Привет"
