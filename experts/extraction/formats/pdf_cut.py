"""A PDF that was cut short: it has lost the trailer, which leads to its pages, not the pages."""

import re
from pathlib import Path

LARGEST = 200 << 20  # bytes of a file that is looked through in memory
AROUND = 2_000  # bytes before its type in which an object begins

_CATALOG = re.compile(rb"/Type\s*/Catalog\b")
_OBJECT = re.compile(rb"\b(\d{1,10})\s+\d{1,5}\s+obj\b")
_TRAILER = b"\nendobj\ntrailer\n<</Root %b 0 R>>\n%%%%EOF\n"


def completed(path: Path) -> bytes | None:
    """The file with a trailer of ours, or None where it does not show what that should say."""
    if path.stat().st_size > LARGEST:
        return None
    data = path.read_bytes()
    catalogs = [found.start() for found in _CATALOG.finditer(data)]
    if not catalogs:
        return None
    objects = _OBJECT.findall(data, max(0, catalogs[-1] - AROUND), catalogs[-1])
    return data + _TRAILER % objects[-1] if objects else None
