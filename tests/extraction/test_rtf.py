"""Rich text: the words without the commands, in whatever alphabet the font is."""

import time
from pathlib import Path

import pytest

from tests.extraction.files import read_bytes

FONTS = r"{\fonttbl{\f0\fcharset0 Arial;}{\f1\fcharset204 Arial;}{\f2\fcharset128 Gothic;}}"


def text_of(tmp_path: Path, body: str | bytes) -> str:
    raw = body if isinstance(body, bytes) else body.encode("ascii")
    content = rb"{\rtf1\ansi\ansicpg1252\deff0" + FONTS.encode() + rb"\f0 " + raw + b"}"
    return read_bytes(tmp_path, "a.rtf", content).text


def escaped(text: str, encoding: str) -> str:
    return "".join(f"\\'{byte:02x}" for byte in text.encode(encoding))


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"Turn \b the\b0  valve\par slowly", "Turn the valve\n\nslowly"),
        (r"Stra\'dfe f\'fcr alle", "Straße für alle"),
        (rf"\f1 {escaped('Москва', 'cp1251')}", "Москва"),
        (rf"\f2 {escaped('東京', 'cp932')}", "東京"),
        (r"\u1052?\u1080?\u1088?", "Мир"),
        (r"\u-10179?\u-8704?", "\N{GRINNING FACE}"),
        ("Straße".encode("cp1252"), "Straße"),
        ("Straße".encode(), "Straße"),
        (r"one\line two\~three \{four\}", "one\n\ntwo three {four}".replace(" t", "\xa0t")),
    ],
)
def test_it_reads_every_way_to_write_a_letter(tmp_path: Path, body: str, text: str) -> None:
    assert text_of(tmp_path, body) == text


def test_a_table_keeps_its_rows(tmp_path: Path) -> None:
    rows = r"\trowd Tea\cell 2\cell\row \trowd Coffee\cell 3\cell\row \pard Cheap"
    assert text_of(tmp_path, rows) == "Tea\t2\nCoffee\t3\n\nCheap"


@pytest.mark.parametrize(
    "rows",
    [
        r"\trowd\intbl {Tea\par}\cell 2\par\cell\trowd\row\trowd Coffee\cell 3\cell\row Cheap",
        r"\intbl Tea\cell 2\cell\row Coffee\cell 3\cell\row Cheap",
        r"\trowd Tea\u8203\cell 2\cell\row\trowd Coffee\cell 3\cell\row Cheap",
    ],
)
def test_every_program_writes_its_rows_otherwise(tmp_path: Path, rows: str) -> None:
    text = text_of(tmp_path, rf"Prices | list\par {rows}").replace("\u200b", "")
    assert text == "Prices | list\n\nTea\t2\nCoffee\t3\n\nCheap"


def test_the_signs_of_lists_are_dashes(tmp_path: Path) -> None:
    signs = r"{\listtext \u61623\'3f\tab}tea\par{\listtext\'b7\tab}milk"
    assert text_of(tmp_path, signs) == "- tea\n\n- milk"


def test_a_font_without_an_alphabet_has_the_documents(tmp_path: Path) -> None:
    fonts = rb"{\fonttbl{\f0\fswiss Arial;}{\f1\fnil\fcharset204{\*\fname Arial;}Arial Cyr;}}"
    body = rf"\f0 caf\'e9 \f1 {escaped('Мир', 'cp1251')}".encode()
    content = rb"{\rtf1\ansi\ansicpg1252\deff0" + fonts + body + b"}"
    assert read_bytes(tmp_path, "a.rtf", content).text == "café Мир"


@pytest.mark.parametrize(
    ("machine", "encoding"),
    [("mac", "mac_roman"), (r"mac\ansicpg10000", "mac_roman"), ("pc", "cp437"), ("pca", "cp850")],
)
def test_it_knows_the_machines_of_old(tmp_path: Path, machine: str, encoding: str) -> None:
    content = rf"{{\rtf1\{machine} caf{escaped('é', encoding)}}}".encode()
    assert read_bytes(tmp_path, "a.rtf", content).text == "café"


def test_what_was_deleted_under_tracking_is_gone(tmp_path: Path) -> None:
    body = r"Open{\rtlch\af0\deleted\revauthdel1  gone} the valve{\revised  slowly}"
    assert text_of(tmp_path, body) == "Open the valve slowly"


@pytest.mark.parametrize(
    "group",
    [
        r"{\object\objemb{\*\objdata 0105}{\result A note.}}",
        r"{\footnote A note.}",
        r"{\header\pard A note.\par}",
        r"{\footerl A note.}",
        r"{\*\annotation A note.}",
        r"{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt A note.\par}}}",
    ],
)
def test_notes_headers_and_boxes_are_read(tmp_path: Path, group: str) -> None:
    body = rf"Before{group}\par and after"
    assert text_of(tmp_path, body).split() == ["Before", "A", "note.", "and", "after"]


def test_pictures_objects_and_settings_are_not_text(tmp_path: Path) -> None:
    picture = b"{\\pict\\pngblip\\bin9 }}}{{{\\xx}{\\*\\objdata " + b"0a1b" * 500 + b"}"
    body = picture + rb"{\info{\title Not this}}{\stylesheet{\s1 heading 1;}}Words"
    assert text_of(tmp_path, body) == "Words"


def test_a_link_shows_its_words_and_is_not_followed(tmp_path: Path) -> None:
    link = r'{\field{\*\fldinst{HYPERLINK "http://127.0.0.1:9/"}}{\fldrslt{the guide}}}'
    assert text_of(tmp_path, f"See {link}.") == "See the guide."


def test_many_links_take_no_longer_than_their_text(tmp_path: Path) -> None:
    link = r"{\field{\*\fldinst{PAGE}}{\fldrslt{the guide}}} "
    began = time.monotonic()
    assert text_of(tmp_path, link * 20_000).count("the guide") == 20_000
    assert time.monotonic() - began < 10


def test_a_cut_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    assert read_bytes(tmp_path, "a.rtf", rb"{\rtf1\ansi Turn the {\b valve").text == (
        "Turn the valve"
    )
