"""Questions that go on from the one before: "And in winter?" says little when searched alone."""

import re
from collections.abc import Iterator, Sequence

from django.db import connection

from experts.providers.base import Turn

FEW = 2  # words of its own; a question with more of them is searched as it stands
LOOKED_BACK = 3  # questions
_GOES_ON = re.compile(
    r"""
    ^\W*(?:and|but|or|so|then|also|(?:what|how)\s+about)\b  # opens as a second half
    | ^\W*(?:why|how|when|where|how\s+so|go\s+on|(?:tell\s+me\s+)?more)\W*$  # nothing else
    | \b(?:it|its|they|them|their|those|these|that|this|he|she|him|her|his)\b  # points back
    """,
    re.IGNORECASE | re.VERBOSE,
)


def goes_on(question: str, *, known: bool) -> bool:
    """Whether a question points back and has at most FEW words of its own, or none.

    Those that it has must be `known`, one of them at least, to what is searched: a question about
    something else must not be answered with what was asked before.
    """
    if not _GOES_ON.search(question):
        return False
    words = own_words(question)
    return words == 0 or (known and words <= FEW)


def own_words(question: str) -> int:
    """How many words a search goes by: distinct ones, stop words left out."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(to_tsvector('english', %s))", [question])
        return int(cursor.fetchone()[0])


def asked_before(history: Sequence[Turn]) -> Iterator[str]:
    """The person's last questions, latest first."""
    asked = [turn.text for turn in history if turn.role == "person"]
    yield from asked[: -LOOKED_BACK - 1 : -1]
