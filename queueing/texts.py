"""Texts from anywhere, made fit for the database and its readers."""

LONGEST_MESSAGE = 2_000  # characters, for people
LONGEST_TRACEBACK = 20_000


def legible(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """What PostgreSQL can store of it: no NUL, no half of a surrogate pair, not too long."""
    return text[:longest].replace("\x00", "").encode("utf-8", "replace").decode()


def legible_traceback(text: str) -> str:
    """The end of it, where the error is."""
    return legible(text[-LONGEST_TRACEBACK:], LONGEST_TRACEBACK)
