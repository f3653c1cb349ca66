"""How much text fits into one request, without the vendor's tokenizer.

tiktoken fetches its vocabulary from the network at first use, so tokens are estimated from above:
three bytes of UTF-8 each, which is three letters of English or one character of Chinese.
"""

from collections.abc import Iterator, Sequence

MOST_INPUTS = 2048  # of one request for embeddings, as OpenAI documents it
MOST_TOKENS = 280_000  # the documented 300,000, less what an estimate may be wrong by


def estimated_tokens(text: str) -> int:
    return -(-len(text.encode()) // 3)


def request_sized(texts: Sequence[str]) -> Iterator[list[str]]:
    """Cut a list of texts into lists that one request may hold, in order."""
    batch: list[str] = []
    tokens = 0
    for text in texts:
        more = estimated_tokens(text)
        if batch and (len(batch) == MOST_INPUTS or tokens + more > MOST_TOKENS):
            yield batch
            batch, tokens = [], 0
        batch.append(text)
        tokens += more
    if batch:
        yield batch
