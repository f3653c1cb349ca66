"""The paragraphs of one part of a Word document, and which of them are headings."""

import re
from collections.abc import Callable, Iterator, Mapping

from lxml import etree

from experts.extraction import xml
from experts.extraction.archives import Member
from experts.extraction.sections import Paragraph

# Inside a paragraph: what is not there for the reader (moved away, a copy for old programs),
# and paragraphs of a text box, which come on their own.
LEFT_OUT = frozenset({"Fallback", "moveFrom", "del", "p", "pPr", "rPr"})
SIGNS = {"tab": " ", "ptab": " ", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
PICTURES = {"blip": "embed", "imagedata": "id"}  # and the attribute that leads to the file
LONG_HEADING = 200  # characters: a longer one is a paragraph in the wrong style
LONG_ROW = 1_000  # characters: a longer row is layout, not data

WordsOf = Callable[[str], str]

_HEADING_NAME = re.compile(r"heading (\d)$", re.IGNORECASE)


def paragraphs(
    part: Member, levels: Mapping[str, int], words_of: WordsOf = lambda relation: ""
) -> Iterator[Paragraph]:
    """Headings, paragraphs, list items and table rows in order; memory stays flat.

    `levels` are the heading levels by paragraph style, see heading_levels; `words_of` says what
    a picture says, by the id of its relation. Its words follow the paragraph where it stands.
    """
    reader = _Reader(levels, words_of)
    for event, element in xml.events(part, "{*}p", "{*}tr", "{*}tc", "{*}tbl", "{*}Fallback"):
        if event == "start":
            reader.start(xml.local_name(element))
        else:
            yield from reader.end(xml.local_name(element), element)


def heading_levels(styles: Member) -> dict[str, int]:
    """Style id → heading level, 1 to 9. Built-in names are English in every language."""
    levels: dict[str, int] = {}
    bases: dict[str, str] = {}
    for _, style in xml.events(styles, "{*}style", of=xml.END):
        key = xml.value(style, "styleId")
        name = xml.value(style.find("{*}name"))
        bases[key] = xml.value(style.find("{*}basedOn"))
        if found := _HEADING_NAME.match(name):
            levels[key] = int(found[1])
        elif level := _outline_level(style) or (1 if name.lower() == "title" else 0):
            levels[key] = level
    for key, base in bases.items():
        if key not in levels and base in levels:
            levels[key] = levels[base]
    return levels


def _outline_level(element: etree._Element) -> int:
    """1 to 9 when the paragraph or style shows in the outline, else 0."""
    value = xml.value(element.find("{*}pPr/{*}outlineLvl"))
    return int(value) + 1 if value.isdecimal() and int(value) < 9 else 0


class _Reader:
    """Where we are in the tables; a text box or a table in a cell is read into the cell."""

    def __init__(self, levels: Mapping[str, int], words_of: WordsOf) -> None:
        self._levels = levels
        self._words_of = words_of
        self._rows: list[list[list[str]]] = []  # rows that are open: cells of paragraphs
        self._cells: list[list[str]] = []  # cells that are open
        self._hidden = 0  # copies for old programs that we are in
        self._row_before = False

    def start(self, name: str) -> None:
        if name == "tr":
            self._rows.append([])
        elif name == "tc":
            self._cells.append([])
        elif name == "Fallback":
            self._hidden += 1

    def end(self, name: str, element: etree._Element) -> Iterator[Paragraph]:
        if name == "Fallback":
            self._hidden -= 1
        elif name == "p" and not self._hidden:
            yield from self._paragraph(element)
        elif name == "tc" and self._rows:
            self._rows[-1].append(self._cells.pop())
        elif name == "tr":
            yield from self._row(self._rows.pop())
        if not self._cells and name in ("p", "tr", "tbl"):
            xml.forget(element)

    def _paragraph(self, element: etree._Element) -> Iterator[Paragraph]:
        text, pictures = _read(element)
        text = text.strip()
        said = list(filter(None, map(self._words_of, pictures)))
        if self._cells:
            self._cells[-1] += [text, *said]
            return
        if text:
            item = element.find("{*}pPr/{*}numPr") is not None
            level = self._level(element) if len(text) <= LONG_HEADING else 0
            tight = item and self._row_before and not level
            self._row_before = item and not level
            yield Paragraph(f"- {text}" if self._row_before else text, level, tight)
        yield from map(Paragraph, said)

    def _level(self, element: etree._Element) -> int:
        style = xml.value(element.find("{*}pPr/{*}pStyle"))
        return _outline_level(element) or self._levels.get(style, 0)

    def _row(self, cells: list[list[str]]) -> Iterator[Paragraph]:
        row = "\t".join(" ".join(" ".join(cell).split()) for cell in cells)
        if self._cells:
            self._cells[-1].append(row)
        elif len(row) > LONG_ROW:
            yield from (Paragraph(text) for cell in cells for text in cell if text)
            self._row_before = False
        elif row.strip():
            yield Paragraph(row, tight=self._row_before)
            self._row_before = True


def _read(paragraph: etree._Element) -> tuple[str, list[str]]:
    """Its text, and the relations of the pictures in it."""
    parts: list[str] = []
    pictures: list[str] = []
    waiting = list(paragraph)[::-1]
    while waiting:
        element = waiting.pop()
        name = xml.local_name(element)
        if name == "t":
            parts.append(element.text or "")
        elif name in SIGNS:
            parts.append(SIGNS[name])
        elif name in PICTURES:
            pictures.append(xml.value(element, PICTURES[name]))
        elif name not in LEFT_OUT:
            waiting.extend(list(element)[::-1])
    return "".join(parts), pictures
