"""From the elements of an HTML page to paragraphs, headings, list items and table rows."""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborNode

from experts.extraction.sections import Paragraph

HEADINGS = {f"h{level}": level for level in range(1, 7)}
ITEMS = {"li": "- ", "dt": "", "dd": ""}
CELLS = {"td", "th"}
BLOCKS = (
    {"address", "article", "aside", "body", "div", "fieldset", "footer", "form", "header", "main"}
    | {"blockquote", "center", "details", "dialog", "figcaption", "figure", "legend", "summary"}
    | {"caption", "dl", "hr", "ol", "p", "pre", "section", "ul"}
    | {"table", "thead", "tbody", "tfoot", "tr"}
    | CELLS
    | HEADINGS.keys()
    | ITEMS.keys()
)
LONG_ROW = 1_000  # characters: a longer row is layout, not data

_SPACE = re.compile(r"\s+")
_SPACES = re.compile(" +")
_LINES = re.compile(r"\s*\n\s*")


class Writer:
    """Told of each element as it begins and ends; yields the paragraphs that this completes."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._mark = ""  # of the list item that has not begun to speak
        self._in_rows = self._in_pre = 0
        self._after_row = False  # the paragraph before was a row or an item

    def enter(self, node: LexborNode) -> Iterator[Paragraph]:
        tag = node.tag or ""
        if tag == "-text":
            self._add(node.text_content or "")
        elif tag == "br":
            self._text.append(" " if self._in_rows else "\n")
        elif self._in_rows:
            self._in_rows += tag == "tr"
            if self._text and tag in BLOCKS:
                self._text.append("\t" if tag in CELLS else " ")
        elif tag in BLOCKS:
            yield from self._flush()
            self._begin(tag, node)

    def leave(self, node: LexborNode) -> Iterator[Paragraph]:
        tag = node.tag or ""
        if tag == "tr" and self._in_rows:
            self._in_rows -= 1
            if not self._in_rows:
                yield from self._flush(row=True)
        elif tag in BLOCKS and not self._in_rows:
            yield from self._flush(level=HEADINGS.get(tag, 0))
            self._in_pre -= tag == "pre"
            self._mark = "" if tag in ITEMS else self._mark

    def _begin(self, tag: str, node: LexborNode) -> None:
        self._mark = ITEMS.get(tag, self._mark)
        self._in_pre += tag == "pre"
        if tag == "tr" and len(node.text()) < LONG_ROW:
            self._in_rows = 1

    def _add(self, text: str) -> None:
        self._text.append(text if self._in_pre else _SPACE.sub(" ", text))

    def _flush(self, *, level: int = 0, row: bool = False) -> Iterator[Paragraph]:
        text = "".join(self._text)
        self._text = []
        if not self._in_pre:
            text = (
                _LINES.sub("\n", _SPACES.sub(" ", text)).replace(" \t", "\t").replace("\t ", "\t")
            )
        text = text.strip()
        if text:
            row = row or bool(self._mark)
            yield Paragraph(self._mark + text, level, tight=row and self._after_row)
            self._mark, self._after_row = "", row
