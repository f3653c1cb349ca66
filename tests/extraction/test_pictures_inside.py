"""Pictures inside documents: read where OCR is installed, named where it is not."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from experts.extraction.pictures import looks_written
from experts.extraction.quality import Condition
from tests.extraction.files import HEADING, Outcome, docx, epub, paragraph, read_bytes
from tests.extraction.office import NAMESPACES, odt, pptx, relations, shape
from tests.extraction.test_pictures import saved, with_ocr, without_ocr

WORDS = "The inlet valve is closed before the pump is opened"
IMAGE = f'<w:p><w:r><w:drawing {NAMESPACES}><a:blip r:embed="r1"/></w:drawing></w:r></w:p>'
BOX = (
    f'<w:p><w:r><w:pict xmlns:v="urn:schemas-microsoft-com:vml" {NAMESPACES}>'
    '<v:imagedata r:id="r1"/></w:pict></w:r></w:p>'
)


def scan(lines: int = 12) -> bytes:
    """A page of text as a picture."""
    page = Image.new("RGB", (1200, 900), "white")
    font = ImageFont.load_default(size=32)
    for number in range(lines):
        ImageDraw.Draw(page).text((60, 40 + 70 * number), WORDS, font=font, fill="black")
    return saved(page, "PNG")


def photograph() -> bytes:
    noise = Image.effect_noise((800, 600), 90).filter(ImageFilter.GaussianBlur(6))
    colours = Image.merge("RGB", (noise, noise.rotate(90), noise.rotate(180)))
    return saved(colours, "JPEG")


def with_members(package: bytes, **members: bytes | str) -> bytes:
    """The same package with more in it."""
    out = io.BytesIO(package)
    with zipfile.ZipFile(out, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return out.getvalue()


def letter(picture: bytes, *, body: str = IMAGE) -> bytes:
    """A Word document with a picture between two paragraphs."""
    links = relations(("image", "media/image1.png"))
    body = paragraph("Install", HEADING) + paragraph("Before it.") + body + paragraph("After it.")
    members = {"word/media/image1.png": picture, "word/_rels/document.xml.rels": links}
    return with_members(docx(body), **members)


def slides(picture: bytes) -> bytes:
    links = relations(("image", "../media/image1.png"))
    members = {"ppt/slides/_rels/s2.xml.rels": links, "ppt/media/image1.png": picture}
    return with_members(pptx(shape("Before it."), shape("Title")), **members)


def text(picture: bytes) -> bytes:
    image = (
        '<draw:frame xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0">'
        '<draw:image xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="Pictures/a.png"/>'
        "</draw:frame>"
    )
    body = f"<text:p>Before it.</text:p><text:p>{image}</text:p><text:p>After it.</text:p>"
    return with_members(odt(body), **{"Pictures/a.png": picture})


def book(picture: bytes) -> bytes:
    drawn = '<svg viewBox="0 0 9 9"><image xlink:href="a%20b.png" width="9"/></svg>'
    chapter = f'<p>Before it.</p>{drawn}<p>After it.</p><p><img alt="" src="a%20b.png"/></p>'
    return epub({"a": chapter}, **{"a b.png": picture})


DOCUMENTS = pytest.mark.parametrize(
    ("name", "document"),
    [("a.docx", letter), ("a.pptx", slides), ("a.odt", text), ("a.epub", book)],
)


def read_with(tmp_path: Path, name: str, content: bytes) -> Outcome:
    outcome = read_bytes(tmp_path, name, content)
    assert outcome.code is None
    assert "Before it." in outcome.text
    return outcome


@DOCUMENTS
@without_ocr
def test_without_ocr_a_page_with_a_scan_is_marked(
    tmp_path: Path, name: str, document: Callable[[bytes], bytes]
) -> None:
    outcome = read_with(tmp_path, name, document(scan()))
    *_, page = outcome.pages
    assert (page.condition, page.scanned) == (Condition.TEXT, True)
    assert "\ufdd0" not in outcome.text


@DOCUMENTS
@pytest.mark.parametrize("picture", [photograph(), saved(Image.new("RGB", (40, 30)), "PNG"), b"?"])
def test_a_photograph_an_icon_and_rubbish_are_passed_over(
    tmp_path: Path, name: str, document: Callable[[bytes], bytes], picture: bytes
) -> None:
    outcome = read_with(tmp_path, name, document(picture))
    assert not any(page.scanned for page in outcome.pages)


@DOCUMENTS
@with_ocr
def test_the_words_of_a_scan_stand_where_it_stands(
    tmp_path: Path, name: str, document: Callable[[bytes], bytes]
) -> None:
    outcome = read_with(tmp_path, name, document(scan(3)))
    assert WORDS in outcome.text
    if "After it." in outcome.text:
        assert outcome.text.index(WORDS) < outcome.text.index("After it.")
    assert not any(page.scanned for page in outcome.pages)


@with_ocr
def test_an_old_picture_is_read_too(tmp_path: Path) -> None:
    assert WORDS in read_with(tmp_path, "a.docx", letter(scan(1), body=BOX)).text


def test_a_picture_outside_of_the_package_is_not_looked_for(tmp_path: Path) -> None:
    (tmp_path / "image1.png").write_bytes(scan())
    links = relations(("image", (tmp_path / "image1.png").as_uri()))
    package = with_members(
        docx(paragraph("Words.") + IMAGE), **{"word/_rels/document.xml.rels": links}
    )
    (page,) = read_bytes(tmp_path, "a.docx", package).pages
    assert (page.text, page.scanned) == ("Words.", False)


def stamped(stamp: str) -> bytes:
    """A PDF of a scanned page with a few words of text on it."""
    document = FPDF()
    document.set_font("Helvetica", size=9)
    document.add_page()
    document.image(io.BytesIO(scan()), x=5, y=5, w=200, h=280)
    document.text(10, 290, stamp)
    return bytes(document.output())


@without_ocr
def test_a_stamp_does_not_make_a_scan_a_page_of_text(tmp_path: Path) -> None:
    (page,) = read_bytes(tmp_path, "a.pdf", stamped("Scanned by Ann")).pages
    assert (page.text, page.condition, page.scanned) == ("Scanned by Ann", Condition.TEXT, True)


@with_ocr
def test_behind_a_stamp_the_scan_is_read(tmp_path: Path) -> None:
    (page,) = read_bytes(tmp_path, "a.pdf", stamped("Scanned by Ann")).pages
    assert page.text.count(WORDS) > 6
    assert not page.scanned


def test_paper_is_told_from_photographs() -> None:
    assert looks_written(Image.open(io.BytesIO(scan())))
    assert looks_written(Image.open(io.BytesIO(scan())).point(lambda value: value * 0.7))
    assert not looks_written(Image.open(io.BytesIO(photograph())))
    assert not looks_written(Image.new("RGB", (900, 900), "white"))
    assert not looks_written(Image.open(io.BytesIO(scan())).resize((200, 150)))
