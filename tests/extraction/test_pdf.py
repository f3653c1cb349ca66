"""PDFs: text by page, pages without text named for what they are."""

import io
import re
from contextlib import closing
from pathlib import Path

import pypdf
import pytest
from fpdf import FPDF
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats import pdf as pdf_reader
from experts.extraction.formats import pdf_pure
from experts.extraction.formats.pdf_rescue import Rescue, time_limit
from experts.extraction.quality import Condition
from tests.extraction import misbehaving
from tests.extraction.files import locked, pdf, read, read_bytes
from tests.pictures import picture


def test_it_reads_each_page_at_its_place(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.pdf", pdf("The inlet valve.", "The outlet valve."))
    assert [page.text for page in outcome.pages] == ["The inlet valve.", "The outlet valve."]
    assert [page.number for page in outcome.pages] == [1, 2]
    assert outcome.locations == ["Page 1", "Page 2"]
    assert (outcome.total, outcome.code) == (2, None)


def test_it_goes_on_after_the_pages_that_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("One", "Two", "Three"))
    outcome = read(path, skip=1)
    assert [(page.number, page.text) for page in outcome.pages] == [(2, "Two"), (3, "Three")]
    assert outcome.total == 3


def test_it_keeps_apart_scans_drawings_and_blank_pages(tmp_path: Path) -> None:
    document = FPDF()
    document.add_page()
    document.image(io.BytesIO(picture()), x=10, y=10, w=180)
    document.add_page()
    for radius in range(60):
        document.circle(x=100, y=100, radius=radius + 1)
    document.add_page()
    document.line(10, 10, 200, 10)  # a rule is no drawing
    outcome = read_bytes(tmp_path, "a.pdf", bytes(document.output()))
    assert [(page.condition, page.scanned) for page in outcome.pages] == [
        (Condition.NO_TEXT, True),
        (Condition.NO_TEXT, False),
        (Condition.BLANK, False),
    ]


def test_it_reads_what_people_put_on_a_page(tmp_path: Path) -> None:
    outcome = read_bytes(tmp_path, "a.pdf", filled_in(pdf("Your name:", "The next page")))
    assert [page.text for page in outcome.pages] == [
        "Your name:\n\nAnn Öst\nIs this so?",
        "The next page",
    ]


def filled_in(content: bytes) -> bytes:
    """The first page with a field of a form, a tick, a link and a note."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(content))
    of_form = [annotation("/Widget", FT=NameObject("/Tx"), V="Ann Öst")]
    of_form += [annotation("/Widget", FT=NameObject("/Btn"), V=NameObject("/Yes"))]
    others = [annotation("/Link", Contents="gone"), annotation("/Text", Contents="Is this so?")]
    for each in (*of_form, *others):
        writer.add_annotation(0, each)
    fields = ArrayObject(writer.pages[0]["/Annots"][:2])
    form = DictionaryObject({NameObject("/Fields"): fields})
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(form)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def annotation(kind: str, **entries: str) -> DictionaryObject:
    made = {
        f"/{name}": value if isinstance(value, NameObject) else TextStringObject(value)
        for name, value in entries.items()
    }
    box = ArrayObject(map(NumberObject, (10, 10, 90, 30)))
    own = {"/Subtype": NameObject(kind), "/Rect": box, "/T": TextStringObject(str(made))}
    return DictionaryObject({NameObject(key): value for key, value in (own | made).items()})


def test_what_is_left_of_a_pdf_that_was_cut_is_read(tmp_path: Path) -> None:
    content = pdf("The first page.", "The second page.", "The third page.")
    third = [found.end() for found in re.finditer(rb"\bstream\n", content)][2]
    outcome = read_bytes(tmp_path, "a.pdf", content[:third])
    assert outcome.text == "The first page.\nThe second page."
    assert outcome.code == ErrorCode.CORRUPT


def test_a_password_is_a_reason_of_its_own(tmp_path: Path) -> None:
    content = locked(pdf("Secret"), user="open sesame", owner="boss")
    assert read_bytes(tmp_path, "a.pdf", content).code == ErrorCode.ENCRYPTED


def test_a_password_against_printing_does_not_matter(tmp_path: Path) -> None:
    content = locked(pdf("For everyone"), user="", owner="boss")
    assert read_bytes(tmp_path, "a.pdf", content).text == "For everyone"


def test_the_second_reader_knows_passwords_too(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(locked(pdf("Secret"), user="open sesame", owner="boss"))
    with pytest.raises(ExtractionError) as caught:
        pdf_pure.read(path, skip=0)
    assert caught.value.code == ErrorCode.ENCRYPTED


def test_the_second_reader_reads_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("The inlet valve.", ""))
    first, second = pdf_pure.read(path, skip=0).pages
    assert (first.text, first.location) == ("The inlet valve.", "Page 1")
    assert second.condition == Condition.BLANK


@pytest.mark.parametrize("module", [pdf_reader, pdf_pure])
def test_it_refuses_too_many_pages(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, module: object
) -> None:
    monkeypatch.setattr(module, "MAX_PAGES", 2)
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("", "", ""))
    with pytest.raises(ExtractionError) as caught:
        module.read(path, skip=0)  # type: ignore[attr-defined]  # a module with read
    assert caught.value.code == ErrorCode.TOO_MANY_PAGES


def test_it_mends_a_file_without_its_table_of_objects(tmp_path: Path) -> None:
    content = pdf("The inlet valve.")
    outcome = read_bytes(tmp_path, "a.pdf", content[: content.rindex(b"xref\n")])
    assert outcome.text == "The inlet valve."


def test_half_a_file_is_damaged(tmp_path: Path) -> None:
    content = pdf(*["Words and words"] * 20)
    outcome = read_bytes(tmp_path, "a.pdf", content[:400])
    assert (outcome.pages, outcome.code) == ([], ErrorCode.CORRUPT)


def test_a_garbled_page_is_read_by_the_others(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("The inlet valve."))
    with closing(Rescue(path)) as rescue:
        assert rescue.best(0, "\ufffd" * 100).strip() == "The inlet valve."
        assert rescue.by_pdfminer(0).strip() == "The inlet valve."


def test_good_text_is_not_traded_for_less(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("Short."))
    with closing(Rescue(path)) as rescue:
        assert rescue.best(0, "The whole text of the page.") == "The whole text of the page."


def test_a_broken_engine_costs_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.7 and nothing else")
    with closing(Rescue(path)) as rescue:
        assert rescue.best(0, "What there was.") == "What there was."


def test_an_engine_that_hangs_is_stopped() -> None:
    with pytest.raises(TimeoutError), time_limit(0.05):
        misbehaving.burn()


def test_a_hyphen_at_the_end_of_a_line_is_joined(tmp_path: Path) -> None:
    document = FPDF()
    document.set_font("Helvetica", size=12)
    document.add_page()
    document.set_xy(20, 20)
    document.cell(text="The foundations of our mainte-")
    document.set_xy(20, 26)
    document.cell(text="nance plan are simple.")
    outcome = read_bytes(tmp_path, "a.pdf", bytes(document.output()))
    assert "maintenance plan" in outcome.text
