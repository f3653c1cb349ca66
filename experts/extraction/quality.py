"""Is what came out of a page text? Judged on the raw text, before cleaning hides the signs."""

import re
from enum import StrEnum
from itertools import islice

MIN_LETTERS = 3  # a page with fewer letters or digits holds nothing to find
MAX_BAD_SHARE = 0.15  # of the visible characters; good pages of real files stay below 0.02

_BAD = re.compile(  # replacement and private-use characters; controls are raw glyph numbers
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ufffd\ue000-\uf8ff]"
)
_UNNAMED = re.compile(r"\(cid:\d+\)")  # a glyph that pdfminer.six has no character for
# Fonts that do not say what their glyphs mean show their numbers instead, and most fonts number
# the letters in the order of ASCII from 3 on: "the" is "WKH".
_NUMBERED = str.maketrans({number: number + 29 for number in range(3, 98)})
_NUMBERED_WORDS = ("WKH", "DQG", "LQJ", "HQW", "GHU", "HLQ", "TXH", "OHV", "FRQ")
_PIECES_OF_WORDS = re.compile(
    "the|and|ing|ion|ent|der|sch|und|ein|que|les|est|con|ado", re.IGNORECASE
)
FEWEST_PIECES = 3  # that tell such a text, and so many times those that it holds as it stands
_VISIBLE = re.compile(r"\S")
_LETTER = re.compile(r"[^\W_]")
_RIGHT_TO_LEFT = re.compile(r"[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class Condition(StrEnum):
    TEXT = "text"
    BLANK = "blank"
    NO_TEXT = "no_text"  # a scan, or letters drawn as curves
    GARBLED = "garbled"  # characters that mean nothing: left out of the index


def letters(text: str) -> int:
    """How many letters and digits, of any script."""
    return len(_LETTER.findall(text))


def has_letters(text: str) -> bool:
    """Whether there are enough letters to look for."""
    return has_more(text, MIN_LETTERS - 1)


def has_more(text: str, count: int) -> bool:
    """Whether there are more letters and digits than that; a long text is not read to its end."""
    return next(islice(_LETTER.finditer(text), count, None), None) is not None


def is_garbled(raw: str) -> bool:
    """Whether too much of it is characters that nobody wrote."""
    glyphs = _UNNAMED.sub("\ufffd", raw) if "(cid:" in raw else raw
    bad = len(_BAD.findall(glyphs))
    if bad and bad > MAX_BAD_SHARE * len(_VISIBLE.findall(glyphs)):
        return True
    return any(word in raw for word in _NUMBERED_WORDS) and _is_of_glyph_numbers(raw)


def _is_of_glyph_numbers(raw: str) -> bool:
    meant = len(_PIECES_OF_WORDS.findall(raw.translate(_NUMBERED)))
    said = len(_PIECES_OF_WORDS.findall(raw))
    return meant >= FEWEST_PIECES * max(1, said)


def is_right_to_left(raw: str) -> bool:
    """Whether Arabic or Hebrew is a good part of it (a fifth of the visible characters)."""
    found = len(_RIGHT_TO_LEFT.findall(raw))
    return bool(found) and found * 5 > len(_VISIBLE.findall(raw))


def condition_of(raw: str, *, drawn: bool = False) -> Condition:
    """The condition of a page; `drawn` when it shows pictures or curves."""
    if is_garbled(raw):
        return Condition.GARBLED
    if has_letters(raw):
        return Condition.TEXT
    return Condition.NO_TEXT if drawn else Condition.BLANK
