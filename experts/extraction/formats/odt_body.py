"""The paragraphs of an OpenDocument text; notes and comments are set aside."""

from collections import defaultdict
from collections.abc import Callable, Iterator

from experts.extraction import xml
from experts.extraction.archives import Member
from experts.extraction.sections import Paragraph

MAX_SPACES = 100  # that one element may stand for
# Inside a paragraph: what comes on its own (text boxes, notes) and readings beside words.
LEFT_OUT = frozenset(
    {"p", "h", "list", "table", "note", "annotation", "ruby-text", "title", "desc"}
)
ASIDE = {"note": "Footnotes", "annotation": "Comments"}
LONG_ROW = 1_000  # characters: a longer row is layout, not data
TAGS = ("p", "h", "list", "table-row", "table-cell", "tracked-changes", *ASIDE)

Notes = defaultdict[str, list[str]]
WordsOf = Callable[[str], str]


def paragraphs(
    part: Member, notes: Notes, words_of: WordsOf = lambda name: ""
) -> Iterator[Paragraph]:
    """Headings, paragraphs, list items and table rows in order; memory stays flat.

    The texts of footnotes and comments are added to `notes` under what they are called.
    `words_of` says what a picture says, by its name; its words follow the paragraph.
    """
    reader = _Reader(notes, words_of)
    for event, element in xml.events(part, *(f"{{*}}{tag}" for tag in TAGS)):
        if event == "start":
            reader.start(xml.local_name(element))
        else:
            yield from reader.end(xml.local_name(element), element)


class _Reader:
    """Where we are: in lists, in tables (a table in a cell is read into the cell), aside."""

    def __init__(self, notes: Notes, words_of: WordsOf) -> None:
        self._notes = notes
        self._words_of = words_of
        self._open: defaultdict[str, int] = defaultdict(int)
        self._rows: list[list[list[str]]] = []  # rows that are open: cells of paragraphs
        self._cells: list[list[str]] = []  # cells that are open
        self._row_before = False

    def start(self, name: str) -> None:
        self._open[name] += 1
        if name == "table-row":
            self._rows.append([])
        elif name == "table-cell":
            self._cells.append([])

    def end(self, name: str, element: xml.Element) -> Iterator[Paragraph]:
        self._open[name] -= 1
        if name in ("p", "h"):
            yield from self._paragraph(name, element)
        elif name == "table-cell" and self._rows:
            self._rows[-1].append(self._cells.pop())
        elif name == "table-row":
            yield from self._row(self._rows.pop())
        elif name == "list" and not self._open["list"]:
            self._row_before = False
        if not any(self._open.values()):
            xml.forget(element)

    def _paragraph(self, name: str, element: xml.Element) -> Iterator[Paragraph]:
        if self._open["tracked-changes"]:
            return  # what was deleted
        text, pictures = _read(element)
        said = [found for found in map(self._words_of, pictures) if found]
        if aside := next((label for tag, label in ASIDE.items() if self._open[tag]), None):
            self._notes[aside] += filter(None, [text.strip(), *said])
        elif self._cells:
            self._cells[-1] += [text.strip(), *said]
        else:
            if text := text.strip():
                yield self._written(name, element, text)
            yield from map(Paragraph, said)

    def _written(self, name: str, element: xml.Element, text: str) -> Paragraph:
        level = _level(element) if name == "h" else 0
        item = bool(self._open["list"]) and not level
        tight, self._row_before = item and self._row_before, item
        return Paragraph(f"- {text}" if item else text, level, tight)

    def _row(self, cells: list[list[str]]) -> Iterator[Paragraph]:
        row = "\t".join(" ".join(" ".join(cell).split()) for cell in cells)
        if self._cells:
            self._cells[-1].append(row)
        elif len(row) > LONG_ROW:
            yield from (Paragraph(text) for cell in cells for text in cell)
            self._row_before = False
        elif row.strip():
            yield Paragraph(row, tight=self._row_before)
            self._row_before = True


def _level(heading: xml.Element) -> int:
    """1 to 6; LibreOffice knows ten."""
    value = xml.value(heading, "outline-level")
    return min(6, int(value)) if value.isdecimal() and len(value) < 3 else 1


def _read(paragraph: xml.Element) -> tuple[str, list[str]]:
    """Its own words, which stand before, between and behind the elements, and its pictures."""
    parts: list[str] = []
    pictures: list[str] = []
    waiting: list[xml.Element | str] = [paragraph]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            parts.append(element)
            continue
        if xml.local_name(element) == "image":
            pictures.append(xml.value(element, "href"))
        parts.append(_sign(element) + (element.text or ""))
        for child in reversed(element):
            waiting.append(child.tail or "")
            if xml.local_name(child) not in LEFT_OUT:
                waiting.append(child)
    return "".join(parts), pictures


def _sign(element: xml.Element) -> str:
    match xml.local_name(element):
        case "s":
            count = xml.value(element, "c")
            return " " * min(MAX_SPACES, int(count) if count.isdecimal() else 1)
        case "tab":
            return " "
        case "line-break":
            return "\n"
        case _:
            return ""
