"""Pictures and scans: a state that is true without OCR, their words with it."""

import io
import struct
import zlib
from pathlib import Path

import pytest
from fpdf import FPDF
from PIL import Image, ImageDraw, ImageFont

from experts.extraction import ocr
from experts.extraction.errors import ErrorCode
from experts.extraction.quality import Condition
from tests.extraction.files import Outcome, read_bytes

WORDS = "Close the inlet valve first"
ROTATED = 274  # the EXIF tag of how a camera was held

with_ocr = pytest.mark.skipif(
    not ocr.is_installed(), reason="OCR is not installed (pip install -r requirements-ocr.txt)"
)
without_ocr = pytest.mark.skipif(ocr.is_installed(), reason="OCR is installed")


def picture(text: str = WORDS, mode: str = "RGB") -> Image.Image:
    shown = Image.new(mode, (900, 220), "white" if mode == "RGB" else (255, 255, 255, 0))
    font = ImageFont.load_default(size=48)
    ImageDraw.Draw(shown).text((40, 40), text, font=font, fill="black")
    return shown


def saved(shown: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    shown.save(out, kind, **options)
    return out.getvalue()


def scan() -> bytes:
    """A PDF whose second page is a picture of words."""
    document = FPDF()
    document.set_font("Helvetica", size=11)
    document.add_page()
    document.cell(text="A page of text.")
    document.add_page()
    document.image(picture(), w=180)
    return bytes(document.output())


def states(outcome: Outcome) -> list[tuple[Condition, bool]]:
    return [(page.condition, page.scanned) for page in outcome.pages]


@without_ocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_without_ocr_a_picture_has_no_text(tmp_path: Path, kind: str) -> None:
    outcome = read_bytes(tmp_path, "scan", saved(picture(), kind))
    assert (states(outcome), outcome.code) == ([(Condition.NO_TEXT, True)], None)


@without_ocr
def test_without_ocr_a_scanned_page_is_named(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "scan.pdf", scan())
    assert states(outcome) == [(Condition.TEXT, False), (Condition.NO_TEXT, True)]


def test_the_pages_of_a_tiff_are_counted(tmp_path: Path) -> None:
    content = saved(picture(""), "TIFF", save_all=True, append_images=[picture("")])
    outcome = read_bytes(tmp_path, "fax.tiff", content)
    assert (outcome.locations, outcome.total) == (["Page 1", "Page 2"], 2)


def huge(side: int) -> bytes:
    """A PNG that says it is this large, and holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    data = zlib.compress(b"\0" * 1_000)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("cut.png", saved(picture(), "PNG")[:900], ErrorCode.CORRUPT),
        ("header.webp", b"RIFF\0\0\0\0WEBPVP8 ", ErrorCode.CORRUPT),
        ("bomb.png", huge(60_000), ErrorCode.TOO_COMPLEX),
        ("large.png", huge(11_000), ErrorCode.TOO_COMPLEX),
        ("named.pdf", saved(picture(), "PNG"), ErrorCode.UNSUPPORTED_TYPE),
        ("moving.gif", saved(picture(), "GIF"), ErrorCode.UNSUPPORTED_TYPE),
    ],
)
def test_it_ends_with_its_code(tmp_path: Path, name: str, content: bytes, code: ErrorCode) -> None:
    outcome = read_bytes(tmp_path, name, content)
    assert (outcome.code, outcome.text) == (code, "")


@with_ocr
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP"])
def test_the_words_of_a_picture_are_read(tmp_path: Path, kind: str) -> None:
    outcome = read_bytes(tmp_path, "scan", saved(picture(f"{WORDS}\nthen wait"), kind))
    assert outcome.text == f"{WORDS}\nthen wait"
    assert outcome.locations == ["Page 1"]


@with_ocr
def test_a_scanned_page_is_read_in_its_place(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "scan.pdf", scan())
    assert [page.text for page in outcome.pages] == ["A page of text.", WORDS]
    assert states(outcome)[1] == (Condition.TEXT, False)


@with_ocr
def test_a_photograph_is_read_as_it_was_taken(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ROTATED] = 6
    turned = saved(picture().rotate(90, expand=True), "JPEG", exif=exif)
    assert read_bytes(tmp_path, "photo.jpg", turned).text == WORDS


@with_ocr
def test_words_on_nothing_are_read(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "logo.png", saved(picture(mode="RGBA"), "PNG"))
    assert outcome.text == WORDS
