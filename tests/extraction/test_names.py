"""Names of uploads: harmless, and still recognisable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.extraction.names import MAX_LENGTH, clean_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("manual.pdf", "manual.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\me\\Letter one.docx", "Letter one.docx"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("a\0b\n\tc.pdf", "ab c.pdf"),
        ("  spaces \u3000 here .pdf", "spaces here .pdf"),
        ("Über die Brücke.md", "Über die Brücke.md"),
        ("e\u0301te\u0301.txt", "été.txt"),
        ("می\u200cخواهم.txt", "می\u200cخواهم.txt"),
        (".hidden", "hidden"),
        ("", "document"),
        ("../..", "document"),
        ("\u202e\u202d", "document"),
    ],
)
def test_it_keeps_what_people_recognise(name: str, shown: str) -> None:
    assert clean_name(name) == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = clean_name("x" * 500 + ".docx")
    assert len(shown) == MAX_LENGTH
    assert shown.endswith("….docx")


@given(st.text(st.characters(codec=None), max_size=600))
def test_no_name_is_dangerous(name: str) -> None:
    shown = clean_name(name)
    assert 0 < len(shown) <= MAX_LENGTH
    assert not set(shown) & set("/\\\0\n\r\u202e")
    assert shown not in {".", ".."}
    assert shown.encode()
    assert clean_name(shown) == shown
