"""Presentations, workbooks and OpenDocument texts made on the spot, part by part."""

from collections.abc import Mapping, Sequence
from string import ascii_uppercase

from tests.extraction.files import archive

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SLIDE = "http://schemas.openxmlformats.org/presentationml/2006/main"
DRAWING = "http://schemas.openxmlformats.org/drawingml/2006/main"
CHART = "http://schemas.openxmlformats.org/drawingml/2006/chart"
OPEN_DOCUMENT = "urn:oasis:names:tc:opendocument:xmlns"
NAMESPACES = f'xmlns:a="{DRAWING}" xmlns:p="{SLIDE}" xmlns:c="{CHART}" xmlns:r="{OFFICE}"'

Parts = Mapping[str, str]  # by the name in the archive
NONE: Parts = {}


def package(main: str, kind: str, parts: Parts) -> bytes:
    types = (
        f'<Types xmlns="{PACKAGE}/content-types"><Override PartName="/{main}" '
        f'ContentType="application/vnd.openxmlformats-officedocument.{kind}.main+xml"/></Types>'
    )
    return archive(**{"[Content_Types].xml": types, **parts})


def relations(*targets: tuple[str, str], of: str = OFFICE) -> str:
    """r1, r2, … to (kind, target)."""
    links = "".join(
        f'<Relationship Id="r{number}" Type="{of}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{links}</Relationships>'


def words(*texts: str) -> str:
    return "".join(f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>" for text in texts)


def shape(*texts: str, placeholder: str = "body") -> str:
    return (
        f'<p:sp><p:nvSpPr><p:nvPr><p:ph type="{placeholder}"/></p:nvPr></p:nvSpPr>'
        f"<p:txBody>{words(*texts)}</p:txBody></p:sp>"
    )


def table(*rows: Sequence[str]) -> str:
    cells = ("".join(f"<a:tc>{words(text)}</a:tc>" for text in row) for row in rows)
    return f"<a:tbl>{''.join(f'<a:tr>{row}</a:tr>' for row in cells)}</a:tbl>"


def pptx(*slides: str, prologue: str = "", members: Parts = NONE) -> bytes:
    """A presentation around the XML of its slides."""
    names = [f"slides/s{number}.xml" for number in range(1, len(slides) + 1)]
    listed = "".join(f'<p:sldId id="256" r:id="r{n}"/>' for n in range(1, len(slides) + 1))
    return package(
        "ppt/presentation.xml",
        "presentationml.presentation",
        {
            "ppt/presentation.xml": (
                f"<p:presentation {NAMESPACES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
            ),
            "ppt/_rels/presentation.xml.rels": relations(*(("slide", name) for name in names)),
            **{
                f"ppt/{name}": f"{prologue}<p:sld {NAMESPACES}><p:spTree>{xml}</p:spTree></p:sld>"
                for name, xml in zip(names, slides, strict=True)
            },
            **members,
        },
    )


def cell(reference: str, value: str | float, **attributes: str) -> str:
    given = "".join(f' {name}="{text}"' for name, text in attributes.items())
    if isinstance(value, str) and "t" not in attributes:
        return f'<c r="{reference}" t="inlineStr"{given}><is><t>{value}</t></is></c>'
    return f'<c r="{reference}"{given}><v>{value}</v></c>'


def rows(*values: Sequence[str | float]) -> str:
    """Rows from the first on; an empty text is no cell at all."""
    return "".join(
        f'<row r="{number}">'
        + "".join(
            cell(f"{letter}{number}", value)
            for letter, value in zip(ascii_uppercase, row, strict=False)
            if value != ""
        )
        + "</row>"
        for number, row in enumerate(values, start=1)
    )


def xlsx(
    sheets: Mapping[str, str],
    *,
    properties: str = "",
    before: str = "",
    namespace: str = SHEET,
    relation: str = OFFICE,
    members: Parts = NONE,
    **parts: str,
) -> bytes:
    """A workbook of sheets by name, each the XML of its rows; other parts by their kind."""
    listed = "".join(
        f'<sheet name="{name.removeprefix("hidden ")}" sheetId="{number}" r:id="r{number}"'
        + (' state="hidden"/>' if name.startswith("hidden ") else "/>")
        for number, name in enumerate(sheets, start=1)
    )
    targets = [("worksheet", f"/xl/sheets/s{number}.xml") for number in range(1, len(sheets) + 1)]
    return package(
        "xl/workbook.xml",
        "spreadsheetml.sheet",
        {
            "xl/workbook.xml": (
                f'<workbook xmlns="{namespace}" xmlns:r="{relation}">{properties}'
                f"<sheets>{listed}</sheets></workbook>"
            ),
            "xl/_rels/workbook.xml.rels": relations(
                *targets, *((name, f"{name}.xml") for name in parts), of=relation
            ),
            **{
                f"xl/sheets/s{number}.xml": (
                    f'<worksheet xmlns="{namespace}">{before}<sheetData>{xml}</sheetData>'
                    "</worksheet>"
                )
                for number, xml in enumerate(sheets.values(), start=1)
            },
            **{f"xl/{name}.xml": xml for name, xml in parts.items()},
            **members,
        },
    )


def odt(body: str, *, styles: str = "", prologue: str = "", members: Parts = NONE) -> bytes:
    """An OpenDocument text around the XML of its body and of its master page."""
    names = "".join(f' xmlns:{n}="{OPEN_DOCUMENT}:{n}:1.0"' for n in ("text", "table", "office"))
    return archive(
        mimetype="application/vnd.oasis.opendocument.text",
        **{
            "content.xml": f"{prologue}<office:document{names}>{body}</office:document>",
            "styles.xml": f"<office:styles{names}>{styles}</office:styles>",
            **members,
        },
    )
