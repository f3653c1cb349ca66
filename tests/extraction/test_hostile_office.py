"""Office files made to hurt: each ends with its code, within seconds."""

from pathlib import Path

import pytest

from experts.extraction.containers import OLE
from experts.extraction.errors import ErrorCode
from experts.extraction.formats import XLSX
from experts.extraction.limits import Limits
from tests.extraction.files import archive, read_as, read_bytes
from tests.extraction.office import odt, pptx, relations, rows, shape, xlsx
from tests.extraction.test_hostile import LAUGHS, XXE, listener

LOCKED = OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le")
BLANKS = " " * 12_000_000
DEEP = "<p>" * 5000 + "</p>" * 5000
WORDS = rows(["Item", "Price"])
SHOWN = '<c t="s"><v>0</v></c>'


def shared(prologue: str) -> bytes:
    """A workbook whose texts begin with this."""
    return xlsx({"S": WORDS}, sharedStrings=f"{prologue}<sst><si><t>&i;</t></si></sst>")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("bomb.xlsx", xlsx({"S": BLANKS}), ErrorCode.ARCHIVE_BOMB),
        ("bomb.pptx", pptx(BLANKS), ErrorCode.ARCHIVE_BOMB),
        ("bomb.odt", odt(BLANKS), ErrorCode.ARCHIVE_BOMB),
        ("laughs.xlsx", shared(LAUGHS), ErrorCode.TOO_COMPLEX),
        ("laughs.pptx", pptx(shape("&i;"), prologue=LAUGHS), ErrorCode.TOO_COMPLEX),
        ("laughs.odt", odt("<text:p>&i;</text:p>", prologue=LAUGHS), ErrorCode.TOO_COMPLEX),
        ("xxe.xlsx", shared(XXE), ErrorCode.TOO_COMPLEX),
        ("xxe.pptx", pptx(shape("&i;"), prologue=XXE), ErrorCode.TOO_COMPLEX),
        ("xxe.odt", odt("<text:p>&i;</text:p>", prologue=XXE), ErrorCode.TOO_COMPLEX),
        ("deep.xlsx", xlsx({"S": DEEP}), ErrorCode.TOO_COMPLEX),
        ("deep.pptx", pptx(DEEP), ErrorCode.TOO_COMPLEX),
        ("deep.odt", odt(DEEP), ErrorCode.TOO_COMPLEX),
        ("columns.xlsx", xlsx({"S": f"<row>{'<c/>' * 1_000_000}</row>"}), ErrorCode.TOO_COMPLEX),
        ("columns.csv", b"x," * 1_000_000, ErrorCode.TOO_COMPLEX),
        ("locked.xlsx", LOCKED, ErrorCode.ENCRYPTED),
        ("locked.pptx", LOCKED, ErrorCode.ENCRYPTED),
        ("cut.xlsx", xlsx({"S": WORDS})[:-40], ErrorCode.CORRUPT),
        ("cut.pptx", pptx(shape("Words"))[:-40], ErrorCode.CORRUPT),
        ("cut.odt", odt("")[:-40], ErrorCode.CORRUPT),
        ("unclosed.xlsx", xlsx({"S": "<row><c>"}), ErrorCode.CORRUPT),
        ("unclosed.pptx", pptx("<p:sp>", "<p:sp>"), ErrorCode.CORRUPT),
        ("numbered.xlsx", xlsx({"S": '<row r="many"/>'}), ErrorCode.EMPTY),
        ("hollow.xlsx", archive(**{"[Content_Types].xml": "<x/>"}), ErrorCode.UNSUPPORTED_TYPE),
        (
            "hollow.odt",
            archive(mimetype="application/vnd.oasis.opendocument.text"),
            ErrorCode.CORRUPT,
        ),
        ("table.xlsx", b"Item,Price\nTea,2\n", ErrorCode.CORRUPT),
        ("picture.pptx", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(60), ErrorCode.UNSUPPORTED_TYPE),
        ("nothing.xlsx", xlsx({"S": ""}), ErrorCode.EMPTY),
        ("nothing.pptx", pptx(), ErrorCode.EMPTY),
        ("nothing.odt", odt(""), ErrorCode.EMPTY),
        ("nothing.rtf", rb"{\rtf1\ansi{\fonttbl{\f0 Arial;}}}", ErrorCode.EMPTY),
        ("nothing.csv", b",,\n,,\n", ErrorCode.EMPTY),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_ends_with_its_code(tmp_path: Path, name: str, content: bytes, code: ErrorCode) -> None:
    outcome = read_bytes(tmp_path, name, content)
    assert (outcome.code, outcome.text.strip()) == (code, "")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("groups.rtf", b"{" * 100_000 + b"the end" + b"}" * 100_000),
        ("stray.rtf", b"}" * 100_000 + b"{\\*" * 100_000),
        ("fonts.rtf", b"{\\fonttbl" + b"\\f0" * 5_000 + b"}the end"),
        ("fields.rtf", b"{\\field{\\*\\fldinst{" * 20_000 + b"}" * 60_000 + b"the end"),
        ("quotes.csv", b'"a ' * 200_000 + b"\nthe end"),
        ("delimiters.csv", b",;\t|" * 3_000 + b"\nthe end"),
        ("lines.csv", b"\n" * 300_000 + b"the end"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_heaped_up_does_not_bury_the_words(
    tmp_path: Path, name: str, content: bytes
) -> None:
    head = rb"{\rtf1 the beginning " if name.endswith(".rtf") else b"the beginning\n"
    outcome = read_bytes(tmp_path, name, head + content)
    assert outcome.code is None
    assert ("the end" if b"the end" in content else "the beginning") in outcome.text


def test_links_out_of_a_package_are_not_followed(tmp_path: Path) -> None:
    with listener() as (address, asked):
        out = relations(("image", f"{address}/i"), ("notesSlide", f"{address}/n"))
        out = out.replace("Target=", 'TargetMode="External" Target=')
        slides = pptx(shape("Words"), members={"ppt/slides/_rels/s1.xml.rels": out})
        assert read_bytes(tmp_path, "a.pptx", slides).text == "Words"
        sheets = xlsx({"S": WORDS}, members={"xl/sheets/_rels/s1.xml.rels": out})
        assert read_bytes(tmp_path, "a.xlsx", sheets).text == "S\n\nItem\tPrice"
    assert asked == []


def test_links_to_files_of_the_machine_lead_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "secret.xml"
    secret.write_text("<x><t>root</t></x>")
    for target in (secret.as_uri(), str(secret), f"../../../../../..{secret}"):
        links = {"ppt/slides/_rels/s1.xml.rels": relations(("notesSlide", target))}
        slides = pptx(shape("Words"), members=links)
        assert read_bytes(tmp_path, "a.pptx", slides).text == "Words"


def test_a_part_that_leads_to_itself_is_read_once(tmp_path: Path) -> None:
    loop = relations(("slide", "slides/s1.xml"), ("slide", "slides/s1.xml"))
    members = {"ppt/_rels/presentation.xml.rels": loop}
    outcome = read_bytes(tmp_path, "a.pptx", pptx(shape("Words"), shape("No"), members=members))
    assert (outcome.text, outcome.total) == ("Words", 1)


def test_a_shared_text_that_a_million_cells_show_is_too_much(tmp_path: Path) -> None:
    text = f"<sst><si><t>{'word ' * 6000}</t></si></sst>"
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx({"S": f"<row>{SHOWN * 100}</row>" * 30}, sharedStrings=text))
    outcome = read_as(XLSX, path, limits=Limits(text_length=4_000_000))
    assert (outcome.code, len(outcome.pages)) == (ErrorCode.TOO_LARGE, 1)
