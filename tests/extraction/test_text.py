"""Plain text: any encoding, any size, by the lines where it stands."""

from pathlib import Path

import pytest

from experts.extraction.errors import ErrorCode
from experts.extraction.formats import TEXT
from experts.extraction.limits import MIB, Limits
from tests.extraction.files import read_as, read_bytes

GERMAN = "Die Straße führt über die Brücke. Äpfel, Öl und Übung."
FRENCH = "L’été dernier, où était-il passé ? Ça ne m’a pas plu, à l’évidence."
DANISH = "Klagen over rejsen er årsag til øget besvær på Rådhuset."
CZECH = "Příliš žluťoučký kůň úpěl ďábelské ódy, večer půjdeme do divadla."
POLISH = "Zażółć gęślą jaźń. Wczoraj wieczorem poszliśmy do kina."
TURKISH = "Pijamalı hasta yağız şoföre çabucak güvendi, hava bugün çok güzel."
RUSSIAN = "Съешь ещё этих мягких французских булок. Москва — столица России."
RUSSIAN_OF_DOS = RUSSIAN.replace("— ", "")
GREEK = "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. Η Αθήνα είναι η πρωτεύουσα."
HEBREW = "דג סקרן שט בים מאוכזב ולפתע מצא לו חברה. ירושלים היא בירת ישראל."
ARABIC = "القاهرة هي عاصمة مصر وأكبر مدنها من حيث عدد السكان."
JAPANESE = "東京都は日本の首都です。今日は天気が良いですね。カタカナも書きます。"
CHINESE = "北京是中华人民共和国的首都。今天天气很好，我们去公园散步吧。"
THAI = "ภาษาไทยเป็นภาษาที่สวยงามและมีเสียงวรรณยุกต์"
KOREAN = "서울은 대한민국의 수도이다. 오늘은 날씨가 좋아서 공원에 산책하러 갑니다."


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        *((GERMAN, name) for name in ("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")),
        *((GERMAN, name) for name in ("utf-16-le", "utf-16-be")),
        *((FRENCH, "cp1252"), (DANISH, "cp1252"), (TURKISH, "cp1254")),
        *((CZECH, "cp1250"), (CZECH, "iso8859_2"), (POLISH, "cp1250")),
        *((RUSSIAN, "cp1251"), (GREEK, "cp1253"), (HEBREW, "cp1255"), (ARABIC, "cp1256")),
        *((JAPANESE, name) for name in ("shift-jis", "euc-jp", "iso2022_jp")),
        *((CHINESE, "gb18030"), (KOREAN, "euc-kr")),
        *((RUSSIAN_OF_DOS, name) for name in ("koi8-r", "cp866", "iso8859-5", "mac_cyrillic")),
        *((HEBREW, "iso8859-8"), (GREEK, "iso8859-7"), (ARABIC, "iso8859-6"), (THAI, "cp874")),
        *((RUSSIAN, name) for name in ("utf-16-le", "utf-16-be")),
        *((f"{CHINESE}\n{CHINESE}", name) for name in ("utf-16-le", "utf-16-be")),
        *((KOREAN, name) for name in ("utf-16-le", "utf-16-be")),
    ],
)
def test_it_reads_any_encoding(tmp_path: Path, text: str, encoding: str) -> None:
    assert read_bytes(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_one_bad_byte_does_not_turn_the_rest_into_nonsense(tmp_path: Path) -> None:
    content = (GERMAN * 20).encode() + b"\xff" + GERMAN.encode()
    assert read_bytes(tmp_path, "a.txt", content).text.count("Straße") == 21


def test_it_is_cut_by_lines(tmp_path: Path) -> None:
    content = "".join(f"Line number {n}.\n" for n in range(1, 451)).encode()
    outcome = read_bytes(tmp_path, "a.txt", content)
    assert outcome.locations == ["Lines 1–200", "Lines 201–400", "Lines 401–450"]
    assert outcome.pages[1].text.startswith("Line number 201.")
    assert outcome.total == 3


def test_a_blank_line_is_a_better_place_to_cut(tmp_path: Path) -> None:
    lines = ["Words."] * 450
    lines[169] = ""
    outcome = read_bytes(tmp_path, "a.txt", "\n".join(lines).encode())
    assert outcome.locations == ["Lines 1–170", "Lines 171–370", "Lines 371–450"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_their_system_ends_them(tmp_path: Path, end: str) -> None:
    outcome = read_bytes(tmp_path, "a.txt", end.join(["One", "Two"]).encode())
    assert (outcome.text, outcome.locations) == ("One\nTwo", ["Lines 1–2"])


def test_an_endless_line_is_cut_between_words(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.txt", b"lorem ipsum " * 10_000 + b"\nThe end.")
    assert set(outcome.locations[:-1]) == {"Line 1"}
    assert outcome.locations[-1] == "Lines 1–2"
    assert set(outcome.text.split()) == {"lorem", "ipsum", "The", "end."}


def test_what_postgresql_refuses_is_gone(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.txt", b"One\0 and two\0 and three.\n" * 9 + b"\x01")
    assert outcome.text == "\n".join(["One and two and three."] * 9)


@pytest.mark.parametrize("content", [b" ", b"\n\n\n", b"\xef\xbb\xbf", "\u3000\n".encode()])
def test_white_space_alone_is_empty(tmp_path: Path, content: bytes) -> None:
    assert read_bytes(tmp_path, "a.txt", content).code == ErrorCode.EMPTY


def test_a_huge_file_takes_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(
        b"The inlet valve is closed first, then the outlet valve follows it.\n" * 600_000
    )
    outcome = read_as(TEXT, path, limits=Limits(memory_bytes=120 * MIB))
    assert outcome.code is None
    assert len(outcome.pages) == 3000
    assert outcome.pages[-1].location == "Lines 599801–600000"
