"""Text as PostgreSQL takes it and as people and searches expect it."""

import re
import unicodedata

MAX_MARKS = 8  # combining marks kept on one letter: more is vandalism, not a language

_HYPHEN = "\ufffe"  # PDFium's sign for a hyphen at a line's end, the line break already gone
_CONTROLS = dict.fromkeys([*range(9), *range(14, 32), 127])  # NUL among them: for str.translate
_DROPPED = re.compile("[\x80-\x84\x86-\x9f\ud800-\udfff\u00ad\ufeff\ufffe\uffff]")
_SOFT_BREAK = re.compile("\u00ad[ \t]*\n")
_SEPARATOR = re.compile("[\x85\u2028\u2029]")
# Shapes of letters rather than letters: Latin ligatures and Arabic presentation forms.
_SHAPES = re.compile("[\ufb00-\ufb06\ufb50-\ufdff\ufe70-\ufefc]")
_MARKS = re.compile(rf"([\u0300-\u036f]{{{MAX_MARKS}}})[\u0300-\u036f]+")
_BLANK_LINES = re.compile(r"\n{3,}")


def clean(raw: str) -> str:
    """Normalise (NFC), unify line ends, join hyphenated words, drop what is not text."""
    text = _with_newlines(raw).translate(_CONTROLS)
    if not text.isascii():
        text = _normalised(text)
    lines = "\n".join(map(str.rstrip, text.split("\n")))
    return _BLANK_LINES.sub("\n\n", lines).strip("\n")


def _with_newlines(raw: str) -> str:
    for end in ("\r\n", "\r", "\x0b", "\x0c"):
        raw = raw.replace(end, "\n")
    return raw


def _normalised(text: str) -> str:
    text = _SOFT_BREAK.sub("", _SEPARATOR.sub("\n", text)).replace(_HYPHEN, "")
    text = _MARKS.sub(r"\1", _DROPPED.sub("", text))  # before NFC, whose time is quadratic in them
    text = _SHAPES.sub(lambda shape: unicodedata.normalize("NFKC", shape.group()), text)
    return unicodedata.normalize("NFC", text)
