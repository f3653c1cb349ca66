"""The words of DrawingML: shapes, tables, SmartArt and charts, in slides and in workbooks."""

from collections.abc import Iterable, Iterator

from experts.extraction import xml
from experts.extraction.archives import Archive
from experts.extraction.open_xml import parts_of
from experts.extraction.sections import Paragraph

COPIES = "Fallback"  # of a shape, for old programs
NUMBERS = "sldNum"  # a placeholder that holds the slide's own number
ATTACHED = ("diagramData", "chart")


def words_of(archive: Archive, part: str) -> Iterator[Paragraph]:
    """What a slide or a sheet's drawing says, then its SmartArt and its charts."""
    yield from paragraphs(xml.root(archive.open(part)))
    for kind in ATTACHED:
        for name in parts_of(archive, part, kind):
            root = xml.root(archive.open(name))
            yield from paragraphs(root)
            yield from chart_rows(root)


def paragraphs(root: xml.Element) -> Iterator[Paragraph]:
    """Paragraphs and table rows, in the order of the XML."""
    after_row = False
    for element in _outermost(root):
        row = xml.local_name(element) == "tr"
        text = _row(element) if row else _text(element).strip()
        if text.strip():
            yield Paragraph(text, tight=row and after_row)
            after_row = row


def _outermost(root: xml.Element) -> Iterator[xml.Element]:
    """Rows, and paragraphs that stand in none; by hand, for shapes nest in groups."""
    waiting = [root]
    while waiting:
        element = waiting.pop()
        name = xml.local_name(element)
        if name in ("p", "tr"):
            yield element
        elif name != COPIES and not (name == "sp" and _is_number(element)):
            waiting.extend(reversed(element))


def _is_number(shape: xml.Element) -> bool:
    return xml.value(shape.find("{*}nvSpPr/{*}nvPr/{*}ph"), "type") == NUMBERS


def without_placeholders(root: xml.Element) -> xml.Element:
    """A layout or a master without what only says "Click to add text"."""
    for placeholder in root.findall(".//{*}nvPr/{*}ph"):
        shape = next(placeholder.iterancestors("{*}sp", "{*}graphicFrame", "{*}pic"), None)
        parent = None if shape is None else shape.getparent()
        if shape is not None and parent is not None:
            parent.remove(shape)
    return root


def _row(row: xml.Element) -> str:
    cells = (" ".join(_text(p) for p in cell.iter("{*}p")) for cell in row.iterfind("{*}tc"))
    return "\t".join(" ".join(cell.split()) for cell in cells)


def _text(paragraph: xml.Element) -> str:
    parts: list[str] = []
    waiting = [paragraph]
    while waiting:
        element = waiting.pop()
        name = xml.local_name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name == "br":
            parts.append("\n")
        elif name != COPIES:
            waiting.extend(reversed(element))
    return "".join(parts)


def chart_rows(root: xml.Element) -> Iterator[Paragraph]:
    """A chart as the table it was drawn from: a column for each series."""
    columns = [(_values(series, "tx"), _values(series, "val")) for series in root.iter("{*}ser")]
    names = next((found for s in root.iter("{*}ser") if (found := _values(s, "cat"))), {})
    points = sorted({index for _, values in columns for index in values} | names.keys())
    if points:
        heads = ("".join(name.values()) for name, _ in columns)
        yield Paragraph("\t".join(["", *heads]))
    for index in points:
        values = (column.get(index, "") for _, column in columns)
        yield Paragraph("\t".join([names.get(index, ""), *values]), tight=True)


def _values(series: xml.Element, role: str) -> dict[int, str]:
    """Point number → what the chart shows there, as stored; nothing is computed anew."""
    found = series.find(f"{{*}}{role}")
    if found is None:
        return {}
    if literal := found.findtext("{*}v"):
        return {0: literal}
    points = list(found.iter("{*}pt"))
    return {
        int(number): " ".join(map(str, point.itertext())).strip()
        for point in points
        if (number := point.get("idx", "")).isdecimal() and len(number) < 10
    }


def written(paragraphs: Iterable[Paragraph]) -> str:
    """One text: rows on lines of their own, paragraphs apart."""
    return "".join(f"\n{p.text}" if p.tight else f"\n\n{p.text}" for p in paragraphs).lstrip("\n")
