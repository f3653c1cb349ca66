"""Text as PostgreSQL takes it and as people expect it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.extraction.cleaning import clean


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\0b\x07c", "abc"),
        ("lone \ud800 surrogate", "lone  surrogate"),
        ("one\r\ntwo\rthree\x0cfour\u2028five", "one\ntwo\nthree\nfour\nfive"),
        ("main\ufffetenance", "maintenance"),
        ("main\u00ad\ntenance op\u00adtional", "maintenance optional"),
        ("e\u0301", "é"),
        ("ﬁnd the oﬃce", "find the office"),
        ("ﻣﺮﺣﺒﺎ", "مرحبا"),
        ("\ufeffmark", "mark"),
        ("a  \nb\t\n", "a\nb"),
        ("a\n\n\n\n\nb", "a\n\nb"),
        ("  indented", "  indented"),
        ("e" + "\u0301" * 50, "é" + "\u0301" * 7),
        ("می\u200cخواهم 👩\u200d🚀", "می\u200cخواهم 👩\u200d🚀"),
    ],
)
def test_it_keeps_the_words_and_drops_the_rest(raw: str, text: str) -> None:
    assert clean(raw) == text


@given(st.text(st.characters(codec=None)))
def test_postgresql_takes_it(raw: str) -> None:
    assert b"\0" not in clean(raw).encode()
