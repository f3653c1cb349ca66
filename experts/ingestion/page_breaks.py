"""Where a sentence runs over a page break, past what the paper itself has there.

Running headers, footers and page numbers stand between the halves. They are told by their place:
the same line at the same edge of both pages, or one whose only difference is a number that goes
up by one. So what is left out between the halves is said elsewhere, or is the number of a page.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from experts.prose.layout import blocks
from experts.prose.sentences import block_sentences

EDGE_LINES = 3  # of a page, at its top and at its foot, that can be the paper's
EDGE_LENGTH = 200  # characters of such a line
NEAR = 1_500  # characters on each side of the break that are looked at
HALF = 600  # characters of one half of a sentence; what is longer is none
WRAPPED = 3  # lines that the margin has wrapped make a paragraph, which fills its last line, too
FULL = 0.75  # of the longest of them
FEW_WORDS = 3  # on the last line, that are more than a heading or a page number

_LINE = re.compile(r"\S[^\n]*")
_VISIBLE = re.compile(r"\S")
_NUMBER = re.compile(r"\d+")
_LEFT = re.compile(r"\W*(\d{1,6})\b")
_RIGHT = re.compile(r"\b(\d{1,6})\W*\Z")
_INSIDE = re.compile(r"[^\W_]|[,;\-–—，、；]")  # how a line ends inside a sentence

Span = tuple[int, int]


class Seam(NamedTuple):
    """The sentence goes up to `end` of one page, and on from `start` to `stop` of the next."""

    end: int
    start: int
    stop: int


def seam(text: str, following: str) -> Seam | None:
    """How two pages that follow each other are sewn together; None where no sentence runs over."""
    end, start = _foot(text, following), _head(text, following)
    before, after = _last_lines(text[:end]), following[start : start + NEAR]
    joined, joint = f"{before}\n{after}", len(before)
    if not before or not after or not _goes_on(before, after):
        return None
    for block in blocks(joined):
        for first, last in block_sentences(joined, block):
            if first < joint < last and joint - first <= HALF and last - joint <= HALF:
                return Seam(end, start, start + last - joint - 1)
    return None


def _goes_on(before: str, after: str) -> bool:
    """Whether the text after the break begins in the middle of a sentence.

    A small letter says so, unless all that stands before it is a word or a number. A capital one
    may begin a name, or the next page's own first sentence: then only a paragraph that fills
    its lines up to the last one counts.
    """
    *_, last = blocks(before)
    first = next(iter(blocks(after)))
    if last.row or first.row or not _INSIDE.match(before[-1]):
        return False
    if after[0].islower():
        return len(before.rpartition("\n")[2].split()) >= FEW_WORDS
    lengths = [len(line) for line in before[last.start :].splitlines()]
    wrapped = len(lengths) >= WRAPPED and lengths[-1] >= FULL * max(lengths)
    return wrapped and after[0].isalnum() and not first.leads


def _last_lines(text: str) -> str:
    """The last NEAR characters, from the beginning of a line."""
    near = text[-NEAR:]
    return near if len(near) == len(text) else near.partition("\n")[2] or near


def _foot(text: str, following: str) -> int:
    """Where the text ends above what stands at the foot of both pages."""
    pairs = zip(_from_foot(text), _from_foot(following), strict=False)
    papers = [start for (start, _), _ in _alike(text, following, pairs)]
    return len(text[: min(papers, default=len(text))].rstrip())


def _head(text: str, following: str) -> int:
    """Where the following page begins below what stands at the head of both."""
    pairs = zip(_LINE.finditer(text), _LINE.finditer(following), strict=False)
    spans = ((mine.span(), other.span()) for mine, other in pairs)
    papers = [end for _, (_, end) in _alike(text, following, spans)]
    visible = _VISIBLE.search(following, max(papers, default=0))
    return visible.start() if visible else len(following)


def _from_foot(text: str) -> Iterator[Span]:
    """The lines from the last one upwards."""
    end = len(text)
    while end > 0:
        start = text.rfind("\n", 0, end) + 1
        if text[start:end].strip():
            yield start, end
        end = start - 1


def _alike(
    text: str, following: str, pairs: Iterable[tuple[Span, Span]]
) -> Iterator[tuple[Span, Span]]:
    """The pairs from the edge inwards for as long as both lines are the paper's."""
    for mine, other in islice(pairs, EDGE_LINES):
        if not _are_the_papers(text[slice(*mine)], following[slice(*other)]):
            return
        yield mine, other


def _are_the_papers(line: str, other: str) -> bool:
    """The same line, or the same but for one number, which is one higher; or mirrored so."""
    if max(len(line), len(other)) > EDGE_LENGTH:
        return False
    if _NUMBER.sub("0", line) == _NUMBER.sub("0", other):
        pairs = zip(_NUMBER.findall(line), _NUMBER.findall(other), strict=True)
        steps = [int(next_) - int(number) for number, next_ in pairs if number != next_]
        return steps in ([], [1])
    (left, right), (next_left, next_right) = _outer_numbers(line), _outer_numbers(other)
    return next_right == left + 1 or next_left == right + 1


def _outer_numbers(line: str) -> tuple[int, int]:
    """The numbers at both ends of a line; where there is none, one that is next to no other."""
    found = _LEFT.match(line), _RIGHT.search(line)
    left, right = (int(number[1]) if number else -9 for number in found)
    return left, right
