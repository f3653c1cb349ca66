"""Word documents: every part that holds words, under the heading where it stands."""

from pathlib import Path

from experts.extraction.quality import Condition
from tests.extraction.files import HEADING, archive, docx, paragraph, read_bytes

RUN = "<w:r><w:t>{}</w:t></w:r>"
COMPATIBILITY = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'


def text_of(tmp_path: Path, body: str, **parts: str) -> str:
    return read_bytes(tmp_path, "a.docx", docx(body, **parts)).text


def cell(text: str) -> str:
    return f"<w:tc>{paragraph(text)}</w:tc>"


def test_it_is_cut_at_headings(tmp_path: Path) -> None:
    body = (
        paragraph("Before it all.")
        + paragraph("Install", HEADING)
        + paragraph("Turn the valve.")
        + paragraph("Wartung", '<w:pPr><w:pStyle w:val="Kapitel"/></w:pPr>')  # based on Heading 1
        + paragraph("Once a year.")
    )
    outcome = read_bytes(tmp_path, "a.docx", docx(body))
    assert outcome.locations == ["Part 1", "Section “Install”", "Section “Wartung”"]
    assert outcome.pages[1].text == "Install\n\nTurn the valve."
    assert outcome.total == 3


def test_a_long_section_has_parts(tmp_path: Path) -> None:
    body = paragraph("Install", HEADING) + paragraph("Turn the valve slowly. " * 50) * 8
    outcome = read_bytes(tmp_path, "a.docx", docx(body))
    assert outcome.locations[:2] == ["Section “Install”", "Section “Install”, part 2"]
    assert outcome.text.count("Turn the valve") == 400


def test_an_outline_level_makes_a_heading_too(tmp_path: Path) -> None:
    body = paragraph("Install", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>') + paragraph("Turn.")
    assert read_bytes(tmp_path, "a.docx", docx(body)).locations == ["Section “Install”"]


def test_a_table_keeps_its_rows(tmp_path: Path) -> None:
    rows = "".join(
        f"<w:tr>{cell(name)}{cell(price)}</w:tr>" for name, price in [("Tea", "2"), ("Coffee", "3")]
    )
    assert text_of(tmp_path, f"<w:tbl>{rows}</w:tbl>") == "Tea\t2\nCoffee\t3"


def test_a_table_in_a_cell_is_read_once(tmp_path: Path) -> None:
    inner = f"<w:tbl><w:tr>{cell('inner')}</w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{inner}{paragraph('outer')}</w:tc></w:tr></w:tbl>"
    assert text_of(tmp_path, body) == "inner outer"


def test_insertions_stay_and_deletions_go(tmp_path: Path) -> None:
    body = (
        f"<w:p><w:ins>{RUN.format('kept')}</w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
        f"<w:moveFrom>{RUN.format('moved')}</w:moveFrom></w:p>"
    )
    assert text_of(tmp_path, body) == "kept"


def test_signs_are_read_as_what_they_look_like(tmp_path: Path) -> None:
    body = "<w:p><w:r><w:t>op</w:t><w:softHyphen/><w:t>tional</w:t><w:tab/><w:t>a</w:t>"
    body += "<w:noBreakHyphen/><w:t>b</w:t><w:br/><w:t>c</w:t></w:r></w:p>"
    assert text_of(tmp_path, body) == "optional a-b\nc"


def test_a_text_box_is_read_once(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{paragraph('in the box')}</w:txbxContent>"
    body = (
        f"<w:p {COMPATIBILITY}><w:r><w:t>outside</w:t><mc:AlternateContent><mc:Choice>{box}"
        f"</mc:Choice><mc:Fallback>{box}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    assert text_of(tmp_path, body) == "in the box\n\noutside"


def test_notes_headers_and_comments_are_read(tmp_path: Path) -> None:
    content = docx(
        paragraph("The body."),
        footnotes=paragraph("A footnote."),
        endnotes=paragraph("An endnote."),
        comments=paragraph("A comment."),
        header=paragraph("A header."),
    )
    outcome = read_bytes(tmp_path, "a.docx", content)
    assert outcome.locations == [
        *("Part 1", "Footnotes", "Endnotes", "Comments", "Headers and footers"),
    ]
    assert outcome.pages[1].text == "A footnote."


def test_list_items_stay_together(tmp_path: Path) -> None:
    item = '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
    body = paragraph("Take:") + paragraph("tea", item) + paragraph("water", item)
    assert text_of(tmp_path, body) == "Take:\n\n- tea\n- water"


def test_strict_documents_are_read(tmp_path: Path) -> None:
    strict = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    body = f'<w:document xmlns:w="{strict}"><w:body>{paragraph("Strictly")}</w:body></w:document>'
    main = 'PartName="/d.xml" ContentType="wordprocessingml.document.main+xml"'
    types = f'<Types xmlns="x"><Override {main}/></Types>'
    content = archive(**{"[Content_Types].xml": types, "d.xml": body})
    assert read_bytes(tmp_path, "a.docx", content).text == "Strictly"


def test_a_document_of_pictures_has_no_text(tmp_path: Path) -> None:
    content = docx(paragraph(""), **{"media/image1": ""})
    outcome = read_bytes(tmp_path, "a.docx", content)
    assert [(page.condition, page.scanned) for page in outcome.pages] == [(Condition.NO_TEXT, True)]


def test_what_came_before_the_damage_is_kept(tmp_path: Path) -> None:
    body = paragraph("Install", HEADING) + paragraph("Turn.") + paragraph("Use", HEADING) + "<w:p"
    outcome = read_bytes(tmp_path, "a.docx", docx(body))
    assert (outcome.text, outcome.code) == ("Install\n\nTurn.", "corrupt")


def test_charts_are_read_as_their_tables(tmp_path: Path) -> None:
    chart = (
        "<w:ser><w:tx><w:v>Tea</w:v></w:tx><w:cat><w:pt idx='0'><w:v>North</w:v></w:pt></w:cat>"
        "<w:val><w:pt idx='0'><w:v>2</w:v></w:pt></w:val></w:ser>"
    )
    content = docx(paragraph("The body."), chart=paragraph("Sales") + chart)
    outcome = read_bytes(tmp_path, "a.docx", content)
    assert outcome.pages[1].text == "Sales\n\n\tTea\nNorth\t2"
    assert outcome.locations == ["Part 1", "Charts"]


def test_damaged_styles_cost_no_words(tmp_path: Path) -> None:
    content = docx(paragraph("Install", HEADING), styles="<w:")
    outcome = read_bytes(tmp_path, "a.docx", content)
    assert (outcome.text, outcome.locations, outcome.code) == ("Install", ["Part 1"], None)
