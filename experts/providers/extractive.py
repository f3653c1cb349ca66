"""Answers without a language model: the files' own sentences, quoted and cited."""

from collections.abc import Iterator, Sequence
from textwrap import shorten

from experts.models import Expert
from experts.providers.base import Quote, Turn

OPENING = "These are the places in the files that fit your question best:"
QUOTED = 3  # quotes; their best sentences hold the answer less often than the passages do,
LONGEST = 500  # so they are shown as places to look at, and the other passages are named too


class ExtractiveAnswerer:
    """Quotes the marked sentences of the best passages, and says that this is what it does."""

    name = "extractive"

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        yield OPENING
        for quote in quotes[:QUOTED]:
            yield f"\n\n“{quoted(quote)}” [{quote.number}]"
        if others := quotes[QUOTED:]:
            yield "\n\nAlso close: " + " ".join(f"[{quote.number}]" for quote in others)


def quoted(quote: Quote) -> str:
    """The marked sentences, with an ellipsis where the passage says more between them."""
    text = quote.passage.text
    spans = quote.highlights or ((0, len(text)),)
    pieces = [
        ("" if start == before or before is None else "… ") + text[start:end]
        for before, (start, end) in zip([None, *(end for _, end in spans)], spans, strict=False)
    ]
    return shorten(" ".join(pieces), LONGEST, placeholder=" …")
