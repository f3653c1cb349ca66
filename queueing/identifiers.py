"""Time-ordered UUIDs, until the standard library has them (Python 3.14)."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a version 7 UUID: 48 bits of Unix milliseconds, then 74 random bits.

    Layout: RFC 9562, section 5.7. New keys land at the right edge of an index, and sorting by
    key is sorting by time of making, to the millisecond.
    """
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = milliseconds << 80 | 0x7 << 76 | (random >> 68) << 64 | 0b10 << 62
    return UUID(int=value | random & (1 << 62) - 1)
