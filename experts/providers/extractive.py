"""Answers without a language model: the files' own sentences, quoted and cited."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from textwrap import shorten

from experts.models import Expert
from experts.providers.base import Quote, Turn

OPENING = "These are the places in the files that fit your question best:"
QUOTED = 3  # passages; the others are named, because the answer is often in one of them
LONGEST = 500  # characters of a passage
_BULLET = re.compile(r"[-*•‣◦▪▫●○■□·]\s+")
_REFERENCE = re.compile(r"\[(\d[\d,\s]*)\]")


class ExtractiveAnswerer:
    """Quotes the marked sentences of the best passages, and says that this is what it does.

    The best sentences of three passages hold the answer to six of ten literal questions: too few
    to call them the answer.
    """

    name = "extractive"

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        yield OPENING
        for quote in quotes[:QUOTED]:
            yield f"\n\n“{marked(quote)}” [{quote.number}]"
        if others := quotes[QUOTED:]:
            yield "\n\nAlso close: " + " ".join(f"[{quote.number}]" for quote in others)


def marked(quote: Quote) -> str:
    """The marked sentences on one line, with an ellipsis where the passage says more between.

    A text's own references, such as [12], become (12): here brackets are citations. The bullet
    of an item that opens the quotation stays out of it.
    """
    text = quote.passage.text
    spans = quote.highlights or ((0, len(text)),)
    said = text[slice(*spans[0])]
    for (_, before), (start, end) in pairwise(spans):
        said += (" … " if text[before:start].strip() else " ") + text[start:end]
    said = _BULLET.sub("", said, count=1) if _BULLET.match(said) else said
    return shorten(_REFERENCE.sub(r"(\1)", said), LONGEST, placeholder=" …")
