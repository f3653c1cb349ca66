"""The documents that are measured with, made on the spot."""

import zipfile
from pathlib import Path
from random import Random

from fpdf import FPDF

PARAGRAPH = (
    "The pump of station {n} is serviced every {months} months. Close the inlet valve first, "
    "then wait until the gauge reads zero; the housing stays hot for about ten minutes. "
    "Replace the seal if it shows cracks, and note the date in the log of the station. "
)
TYPES = '<Types xmlns="x"><Override PartName="/{part}" ContentType="{kind}.main+xml"/></Types>'
OPEN_XML = "application/vnd.openxmlformats-officedocument"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LETTERS = "ABCDEFGHIJ"


def make_pdf(path: Path, pages: int) -> None:
    """About 2,400 characters a page, as a manual has."""
    document = FPDF()
    document.set_font("Helvetica", size=10)
    for number in range(1, pages + 1):
        document.add_page()
        document.multi_cell(0, 5, f"Station {number}", new_x="LMARGIN", new_y="NEXT")
        text = PARAGRAPH.format(n=number, months=number % 12 + 1)
        document.multi_cell(0, 5, "\n".join([text * 3] * 3))
    document.output(str(path))


def make_text(path: Path, megabytes: int) -> None:
    with path.open("w") as file:
        for number in range(megabytes * 1_000_000 // len(PARAGRAPH)):
            file.write(PARAGRAPH.format(n=number, months=number % 12 + 1) + "\n\n"[: number % 3])


def make_sheet(path: Path, rows: int) -> None:
    """A workbook of one sheet, with ten columns of words and numbers."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        kind = f"{OPEN_XML}.spreadsheetml.sheet"
        package.writestr("[Content_Types].xml", TYPES.format(part="xl/workbook.xml", kind=kind))
        sheets = f'<workbook xmlns:r="{OFFICE}"><sheets><sheet name="Log" r:id="r1"/></sheets>'
        package.writestr("xl/workbook.xml", sheets + "</workbook>")
        link = f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="s1.xml"/>'
        package.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="x">{link}</Relationships>'
        )
        with package.open("xl/s1.xml", "w") as sheet:
            sheet.write(b"<worksheet><sheetData>")
            for number in range(1, rows + 1):
                sheet.write(_row(number).encode())
            sheet.write(b"</sheetData></worksheet>")


def _row(number: int) -> str:
    cells = (
        f'<c r="{letter}{number}" t="inlineStr"><is><t>{_word(number, letter)}</t></is></c>'
        for letter in LETTERS
    )
    return f'<row r="{number}">{"".join(cells)}</row>'


def _word(number: int, letter: str) -> str:
    return f"Column {letter}" if number == 1 else f"Value {number * ord(letter)}"


def make_slides(path: Path, slides: int, *, picture_bytes: int) -> None:
    """A presentation with a picture on each slide, which nobody can read."""
    random = Random(1)
    with zipfile.ZipFile(path, "w") as package:
        kind = f"{OPEN_XML}.presentationml.presentation"
        package.writestr("[Content_Types].xml", TYPES.format(part="ppt/p.xml", kind=kind))
        main = f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="ppt/p.xml"/>'
        package.writestr("_rels/.rels", f'<Relationships xmlns="x">{main}</Relationships>')
        numbers = range(1, slides + 1)
        listed = "".join(f'<sldId r:id="r{number}"/>' for number in numbers)
        package.writestr("ppt/p.xml", f'<p xmlns:r="{OFFICE}"><sldIdLst>{listed}</sldIdLst></p>')
        links = (
            f'<Relationship Id="r{n}" Type="{OFFICE}/slide" Target="s{n}.xml"/>' for n in numbers
        )
        package.writestr(
            "ppt/_rels/p.xml.rels", f'<Relationships xmlns="x">{"".join(links)}</Relationships>'
        )
        for number in numbers:
            words = PARAGRAPH.format(n=number, months=number % 12 + 1)
            package.writestr(f"ppt/s{number}.xml", f"<sld><p><r><t>{words}</t></r></p></sld>")
            package.writestr(f"ppt/media/{number}.jpg", random.randbytes(picture_bytes))
