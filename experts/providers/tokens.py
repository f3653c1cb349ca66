"""How much text fits into one request, without the vendor's tokenizer.

tiktoken fetches its vocabulary from the network at first use, so tokens are estimated from above:
three bytes of UTF-8 each, which is three letters of English or one character of Chinese.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from experts.models import Passage
from experts.providers.base import Embedder

Item = TypeVar("Item")


def estimated_tokens(text: str) -> int:
    return -(-len(text.encode()) // 3)


def passage_batches(
    passages: Iterable[Passage], embedder: Embedder, *, most: int | None = None
) -> Iterator[list[Passage]]:
    """In order, cut into batches that are filled to what the embedder takes at once, or `most`."""
    return filled(
        passages,
        text=lambda passage: passage.text,
        most=most or embedder.batch_size,
        most_tokens=embedder.batch_tokens,
    )


def filled(
    items: Iterable[Item], *, text: Callable[[Item], str], most: int, most_tokens: int | None
) -> Iterator[list[Item]]:
    """Lists of at most `most` items and, unless it is None, `most_tokens` estimated tokens.

    An item that is longer by itself has a list of its own.
    """
    batch: list[Item] = []
    tokens = 0
    for item in items:
        more = estimated_tokens(text(item)) if most_tokens else 0
        if batch and (len(batch) == most or (most_tokens and tokens + more > most_tokens)):
            yield batch
            batch, tokens = [], 0
        batch.append(item)
        tokens += more
    if batch:
        yield batch
