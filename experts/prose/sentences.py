"""Sentences as exact offsets, in any script, without a model."""

import re
from collections.abc import Iterator

from experts.prose.layout import Block, blocks

# Marks after which a sentence may end when white space follows; after the others it does end.
_END = re.compile(
    r"(?P<spaced>[.!?…؟۔።։।॥]+[\"'”’»)\]]*)(?=\s)|[。！？｡]+[」』）”’\"]*(?=.)", re.DOTALL
)
_NEXT = re.compile(r"\s+(\S)")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"])(?:"
    r"Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|Gen|Col|Capt|Rev|Hon|vs|cf|ca|approx|resp|incl|excl|al"
    r"|No|Nos|Nr|Fig|Figs|Eq|Sec|Sect|Art|Ch|Chap|Vol|Vols|pp?|ed|eds|Abs|Inc|Ltd|Co|Corp"
    r"|bzw|usw|vgl|evtl|ggf|z\. ?B|u\. ?a|d\. ?h|i\. ?e|e\. ?g|M|Mme|Mlle|env|av|apr"
    r"|[^\W\d_]"  # an initial
    r")\.$"
    r"|(?:^|\n)\(?\w{1,3}\.$"  # the number of a list item
)
_LOOK_BACK = 12  # characters that hold any abbreviation of the list


def sentences(text: str) -> list[tuple[int, int]]:
    """(start, end) of every sentence, heading, list item and table row, in order.

    Together they cover all but white space, and none begins or ends with white space.
    """
    return [span for block in blocks(text) for span in block_sentences(text, block)]


def block_sentences(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """The sentences of one block; a table row is one."""
    start = block.start
    if not block.row:
        for match in _END.finditer(text, block.start, block.end):
            following = _NEXT.match(text, match.end(), block.end)
            if match["spaced"] and not (following and _ends(text, match, following[1])):
                continue
            yield start, match.end()
            start = following.start(1) if following else match.end()
    yield start, block.end


def _ends(text: str, mark: re.Match[str], following: str) -> bool:
    if following.islower() or _stands_for_words(text, mark):
        return False
    if text[mark.end() - 1] != ".":
        return True
    return _ABBREVIATION.search(text[max(0, mark.end() - _LOOK_BACK) : mark.end()]) is None


def _stands_for_words(text: str, mark: re.Match[str]) -> bool:
    """An ellipsis between spaces: something was left out of a sentence that goes on."""
    return mark[0] in ("…", "...") and text[mark.start() - 1 : mark.start()].isspace()
