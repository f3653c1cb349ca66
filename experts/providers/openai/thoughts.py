"""What some servers send before an answer: the model's thoughts, between <think> and </think>."""

from collections.abc import Iterator

BEGIN, END = "<think>", "</think>"


def without_thoughts(pieces: Iterator[str]) -> Iterator[str]:
    """The pieces of an answer without the thoughts that it may begin with; nothing else waits."""
    head = ""
    for piece in pieces:
        head += piece
        begun = head.lstrip()
        if begun.startswith(BEGIN):
            if END in begun:
                head = begun.partition(END)[2].lstrip()
                break
        elif not BEGIN.startswith(begun):
            break
    else:
        head = "" if head.lstrip().startswith(BEGIN) else head
    if head:
        yield head
    yield from pieces
