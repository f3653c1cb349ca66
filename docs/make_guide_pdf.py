"""Makes docs/guide.pdf from docs/using-expertsite.md: `python docs/make_guide_pdf.py`.

The sample expert learns from the PDF, so that its answers cite pages. Reads only as much of
Markdown as the guide uses: headings, paragraphs, lists and tables.
"""

from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import XPos, YPos

DOCS = Path(__file__).resolve().parent
SIZES = {"# ": 24.0, "## ": 16.0, "### ": 12.0}  # points, by the mark of a heading
BODY = 10.5
LINE = 5.2  # mm
PLAIN = str.maketrans({"…": "...", "–": "-", "’": "'"})  # what the built-in font lacks


class Guide(FPDF):
    """A4 pages with the title and the number of the page at the foot."""

    def footer(self) -> None:
        self.set_y(-15)
        self.set_font("Helvetica", size=8)
        self.cell(0, 8, f"Using Expertsite    {self.page_no()}", align="R")

    def paragraph(self, text: str, *, size: float = BODY, style: str = "") -> None:
        self.set_font("Helvetica", style=style, size=size)
        self.multi_cell(0, size / BODY * LINE, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(2)

    def heading(self, mark: str, text: str) -> None:
        if mark == "## " and self.get_y() > self.h * 0.75:
            self.add_page()
        self.ln(2)
        self.paragraph(text, size=SIZES[mark], style="B")

    def items(self, lines: list[str]) -> None:
        for line in lines:
            self.paragraph(line.replace("- ", "\u00b7 ", 1))

    def rows(self, lines: list[str]) -> None:
        """A table of two columns; its second line only parts the heads from the rows."""
        self.set_font("Helvetica", size=BODY - 1)
        cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
        with self.table(
            line_height=LINE,
            text_align="LEFT",
            v_align="TOP",
            padding=1,
            col_widths=(2, 5),
            borders_layout="HORIZONTAL_LINES",
        ) as table:
            for row in cells[:1] + cells[2:]:
                table.row(row)
        self.ln(4)


def kind_of(line: str) -> str:
    if line.startswith("|"):
        return "row"
    return "item" if line.startswith("- ") else "text"


def make(markdown: str) -> Guide:
    guide = Guide()
    guide.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))  # the same text, the same bytes
    guide.set_title("Using Expertsite")
    guide.set_auto_page_break(auto=True, margin=20)
    guide.add_page()
    for kind, group in groupby(markdown.translate(PLAIN).splitlines(), kind_of):
        lines = [line for line in group if line.strip()]
        if kind == "row":
            guide.rows(lines)
        elif kind == "item":
            guide.items(lines)
        else:
            write(guide, lines)
    return guide


def write(guide: Guide, lines: list[str]) -> None:
    for line in lines:
        mark = line[: line.find(" ") + 1]
        if mark in SIZES:
            guide.heading(mark, line.removeprefix(mark))
        else:
            guide.paragraph(line)


if __name__ == "__main__":
    make((DOCS / "using-expertsite.md").read_text()).output(str(DOCS / "guide.pdf"))
