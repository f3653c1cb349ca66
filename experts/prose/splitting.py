"""Passages: stretches of a page's text, cut where a reader would cut.

Measured (1,305 passages, five corpora): 1,200 characters on sentence borders find more than
600, 800 or 1,600, and overlap adds nothing.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

from experts.prose.layout import Break, blocks
from experts.prose.sentences import block_sentences

SIZE = 1200  # characters of a passage, at most; about 256 tokens of the local model
WINDOW = 0.7  # of the size: from here on a stronger break is better than a fuller passage
TAIL = 0.2  # of the size: a last passage this small joins the one before
MAX_LEADING = 3  # headings in a row that move on to the next passage

_CLAUSE = re.compile(r"[;:,،؛](?=\s)|[、，；：\t]")
_SPACE = re.compile(r"\s")
_VISIBLE = re.compile(r"\S")


class _Piece(NamedTuple):
    start: int
    end: int
    before: Break
    leads: bool


def split(text: str, *, size: int = SIZE) -> list[tuple[int, int]]:
    """(start, end) of the passages of `text`, in order, without overlap.

    Cut at paragraphs, lines or sentences, whatever comes late enough; a sentence longer than
    `size` is cut between clauses or words. Headings stay with what follows, table rows whole.
    No passage begins or ends with white space; each has at most `size` characters, the last
    one up to 1.2 times that.
    """
    spans: list[tuple[int, int]] = []
    held: list[_Piece] = []
    for piece in _pieces(text, size):
        while held and piece.end - held[0].start > size:
            count = _best_cut([*held, piece], size)
            spans.append((held[0].start, held[count - 1].end))
            held = held[count:]
        held.append(piece)
    if held:
        spans.append((held[0].start, held[-1].end))
    return _join_tail(spans, size)


def _best_cut(pieces: list[_Piece], size: int) -> int:
    """How many pieces (all but the last fit) make the passage."""
    begun = pieces[0].start
    counts = [n for n in range(1, len(pieces)) if pieces[n - 1].end - begun >= WINDOW * size]
    best = max(counts or [len(pieces) - 1], key=lambda n: (pieces[n].before, n))
    return _without_leading(pieces, best)


def _without_leading(pieces: list[_Piece], count: int) -> int:
    """Leave headings at the end of a passage to the next one."""
    for fewer in range(count, max(0, count - MAX_LEADING), -1):
        if not pieces[fewer - 1].leads:
            return fewer
    return count


def _pieces(text: str, size: int) -> Iterator[_Piece]:
    """Sentences and rows, none longer than `size`."""
    for block in blocks(text):
        before = block.before
        for start, end in block_sentences(text, block):
            for piece_start, piece_end in _fitting(text, start, end, size):
                yield _Piece(piece_start, piece_end, before, block.leads and piece_end == block.end)
                before = Break.SENTENCE


def _fitting(text: str, start: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    """A sentence as it is, or in parts when it is too long for a passage."""
    while end - start > size:
        cut = max(start + 1, _cut(text, start, start + size))
        yield start, _trimmed(text, start, cut)
        start = _next_visible(text, cut, end)
    yield start, end


def _cut(text: str, start: int, limit: int) -> int:
    """Where to cut a long sentence: after a clause, between words, between characters."""
    middle = (start + limit) // 2
    for pattern in (_CLAUSE, _SPACE):
        if found := [match.end() for match in pattern.finditer(text, middle, limit)]:
            return found[-1]
    while limit > middle and unicodedata.combining(text[limit]):
        limit -= 1
    return limit


def _trimmed(text: str, start: int, end: int) -> int:
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    return end


def _next_visible(text: str, start: int, end: int) -> int:
    found = _VISIBLE.search(text, start, end)
    return found.start() if found else end


def _join_tail(spans: list[tuple[int, int]], size: int) -> list[tuple[int, int]]:
    if len(spans) < 2:
        return spans
    *others, (start, _), (tail, end) = spans
    if end - tail > TAIL * size or end - start > (1 + TAIL) * size:
        return spans
    return [*others, (start, end)]
