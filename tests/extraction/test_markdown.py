"""Markdown: words without marks, sections by heading."""

from pathlib import Path

import pytest

from experts.extraction.formats.markdown import paragraphs
from experts.extraction.formats.markdown_inline import plain
from experts.extraction.sections import Paragraph
from tests.extraction.files import read_bytes


def found(source: str) -> list[Paragraph]:
    return list(paragraphs(source.splitlines(keepends=True)))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "**bold** and *slanted* and __bold__ and _slanted_",
            "bold and slanted and bold and slanted",
        ),
        ("***both*** and ~~struck~~", "both and struck"),
        ("a `code_with_*marks*` stays", "a code_with_*marks* stays"),
        ("snake_case_name and 2 * 3 * 4", "snake_case_name and 2 * 3 * 4"),
        ("a [link](https://x.example 'title') and ![a picture](p.png)", "a link and a picture"),
        ("a [link][ref] and <https://x.example>", "a link and https://x.example"),
        (r"1\. not \*a\* list", "1. not *a* list"),
        ("Tea &amp; milk &#8364;2, `&amp;` stays", "Tea & milk €2, &amp; stays"),
        ('<img src="x.png"> text<br/> and List<String>', "text and List<String>"),
    ],
)
def test_marks_go_and_words_stay(source: str, text: str) -> None:
    assert plain(source) == text


def test_a_sign_within_a_line_is_no_quotation() -> None:
    source = "> Quoted: 2 > 1\n\nif a > b<br>then\n"
    assert [piece.text for piece in found(source)] == ["Quoted: 2 > 1", "if a > bthen"]


def test_it_knows_headings_rows_items_and_code() -> None:
    source = "# Title\nWords\nmore.\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | **2** |\n\n"
    code = "```py\nx = **y**\n\nz\n```\n"
    assert found(source + code) == [
        Paragraph("Title", level=1),
        Paragraph("Words\nmore."),
        Paragraph("- one"),
        Paragraph("- two", tight=True),
        Paragraph("a\tb"),
        Paragraph("1\t2", tight=True),
        Paragraph("x = **y**\n\nz"),
    ]


def test_it_knows_underlined_headings() -> None:
    assert [piece.level for piece in found("Title\n=====\nSub\n---\nText")] == [1, 2, 0]


@pytest.mark.parametrize(
    "source",
    [
        "---\ntitle: x\n---\nText",
        "<!-- a\ncomment -->\nText",
        "Text\n\n[ref]: https://x.example",
        "***\n\nText\n\n---",
        "> > Text",
    ],
)
def test_it_leaves_out_what_nobody_reads(source: str) -> None:
    assert "\n".join(piece.text for piece in found(source)) == "Text"


def test_a_rule_at_the_top_is_not_taken_for_settings() -> None:
    assert "Text" in "\n".join(piece.text for piece in found("---\n\nText\n"))


def test_it_is_cut_at_headings(tmp_path: Path) -> None:
    source = "# Guide\n\n## Install\nTurn the valve.\n\n### Details\nSlowly.\n\n## Use\nGo on.\n"
    outcome = read_bytes(tmp_path, "a.md", source.encode())
    assert outcome.locations == ["Section “Install”", "Section “Use”"]
    assert outcome.pages[0].text == "Guide\n\nInstall\n\nTurn the valve.\n\nDetails\n\nSlowly."


def test_a_comment_sign_in_code_is_code(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.md", b"```\n<!-- kept\n```\n\nAfter.\n")
    assert outcome.text == "<!-- kept\n\nAfter."
