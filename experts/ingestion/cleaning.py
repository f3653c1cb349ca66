"""Text as PostgreSQL takes it and as people and searches expect it."""

import re
import unicodedata

MAX_MARKS = 8  # combining marks kept on one letter: more is vandalism, not a language

_HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at a line's end, the line break already gone
_DROPPED = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\u00ad\ufeff\ufffe\uffff]"
)
_SOFT_BREAK = re.compile("\u00ad[ \t]*\n")
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x85\u2028\u2029]")
# Shapes of letters rather than letters: Latin ligatures and Arabic presentation forms.
_SHAPES = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]")
_MARKS = re.compile(rf"([\u0300-\u036f]{{{MAX_MARKS}}})[\u0300-\u036f]+")
_TRAILING = re.compile(r"[ \t\u00a0]+$", re.MULTILINE)
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(raw: str) -> str:
    """Normalise (NFC), unify line ends, join hyphenated words, drop what is not text."""
    text = raw if raw.isascii() else _plain(raw)
    text = _DROPPED.sub("", _NEWLINE.sub("\n", text))
    return _BLANK_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def _plain(raw: str) -> str:
    text = _SOFT_BREAK.sub("", _NEWLINE.sub("\n", raw)).replace(_HYPHEN, "")
    text = _MARKS.sub(r"\1", text)  # first: normalising takes quadratic time in their number
    text = _SHAPES.sub(lambda shape: unicodedata.normalize("NFKC", shape.group()), text)
    return unicodedata.normalize("NFC", text)
