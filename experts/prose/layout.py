"""The blocks of a page's text: paragraphs, list items, table rows, headings.

Text from a PDF has a line break at the end of every printed line and no blank lines, text
from other formats has both kinds; which breaks mean something is told from the lines.
"""

import re
from collections.abc import Iterator
from enum import IntEnum
from typing import NamedTuple

SHORT = 0.6  # of the page's line width: the margin did not end a line this short
HEADING_LENGTH = 100  # characters at most

_LINE = re.compile(r"[^\s](?:[^\n]*[^\s])?")
_ITEM = re.compile(r"[-*•‣◦▪▫●○■□–—·]\s|\(?(?:\d{1,3}|[a-zA-Z]|[ivx]{2,5})[.)]\s|#{1,6}\s")
_ROW = re.compile(r"\t|\|[^|\n]*\|")
_HEADING_END = re.compile(r"[\w)\]\"”’]")


class Break(IntEnum):
    """What stands before a piece of text; the stronger, the better to cut there."""

    NONE = 0  # a line that the margin ended
    SENTENCE = 1
    LINE = 2  # a list item, a table row, a line of its own
    PARAGRAPH = 3


class Block(NamedTuple):
    """Lines that belong together: text[start:end], without white space around it."""

    start: int
    end: int
    before: Break
    leads: bool  # a heading, or a line such as "as follows:", that goes with what comes next
    row: bool  # a row of a table


def blocks(text: str) -> Iterator[Block]:
    """The blocks in order; together they cover everything but white space."""
    lines = [match.span() for match in _LINE.finditer(text)]
    width = _width(lines)
    begun, before = 0, Break.PARAGRAPH
    for index in range(1, len(lines) + 1):
        after = _break_after(text, lines, index - 1, width)
        if after is not Break.NONE:
            start, end = lines[begun][0], lines[index - 1][1]
            yield _block(text, start, end, before, single=index - begun == 1)
            begun, before = index, after


def _width(lines: list[tuple[int, int]]) -> int:
    """The length that nine of ten lines stay within: the width of the printed column."""
    lengths = sorted(end - start for start, end in lines)
    return lengths[len(lengths) * 9 // 10] if lengths else 0


def _break_after(text: str, lines: list[tuple[int, int]], index: int, width: int) -> Break:
    start, end = lines[index]
    if index + 1 == len(lines):
        return Break.PARAGRAPH
    following, following_end = lines[index + 1]
    if text.count("\n", end, following) > 1:
        return Break.PARAGRAPH
    if _ITEM.match(text, following) or _ROW.search(text, start, end):
        return Break.LINE
    if _ROW.search(text, following, following_end):
        return Break.LINE
    if end - start < SHORT * width and not text[following].islower():
        return Break.LINE
    return Break.NONE


def _block(text: str, start: int, end: int, before: Break, *, single: bool) -> Block:
    row = single and _ROW.search(text, start, end) is not None
    heading = single and not row and _is_heading(text, start, end)
    return Block(start, end, before, leads=heading or text[end - 1] in ":：", row=row)


def _is_heading(text: str, start: int, end: int) -> bool:
    if end - start > HEADING_LENGTH or text[start].islower() or _ITEM.match(text, start):
        return False
    return _HEADING_END.match(text, end - 1, end) is not None
