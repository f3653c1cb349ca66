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
    return _shortened(on_one_line(_SEPARATORS.split(name)[-1]).strip(" .") or NAMELESS)


def on_one_line(text: str) -> str:
    """The text on one line, without characters that hide or turn others, or are none."""
    shown = "".join(" " if char.isspace() else char for char in text if _is_shown(char))
    return _SPACES.sub(" ", unicodedata.normalize("NFC", shown)).strip()


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
