"""Names of uploads: shown to people, stored for show, never part of a path."""

import re
import unicodedata

MAX_LENGTH = 200  # characters
NAMELESS = "document"

_SEPARATORS = re.compile(r"[/\\]")
_SPACES = re.compile(r"\s+")


def clean_name(name: str) -> str:
    """The last part of a name, on one line, without characters that hide or turn others.

    The extension survives a cut. Never empty.
    """
    last = _SEPARATORS.split(name)[-1]
    shown = "".join(" " if char.isspace() else char for char in last if _is_shown(char))
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", shown)).strip(" .") or NAMELESS
    return _shortened(text)


def _is_shown(char: str) -> bool:
    """Controls, direction marks and overrides (Cf), surrogates and private use are not."""
    if char in "\u200c\u200d":  # joiners, which Persian words and emoji need
        return True
    return char.isspace() or unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"}


def _shortened(name: str) -> str:
    if len(name) <= MAX_LENGTH:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > 10:
        return name[:MAX_LENGTH]
    return f"{stem[: MAX_LENGTH - len(suffix) - 2].rstrip()}….{suffix}"
