"""Formats without pages, cut into sections that a person can find again by their heading."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from experts.extraction.names import on_one_line

LONG = 4_000  # characters: about a printed page, then the section goes on as its next part
ENOUGH = 600  # characters that stand on their own, so that a subsection starts a new section
NAME_LENGTH = 80  # characters of a heading that are shown


class Paragraph(NamedTuple):
    """A piece of text; `level` 1 to 6 makes it a heading, `tight` a row of what came before."""

    text: str
    level: int = 0
    tight: bool = False


@dataclass(slots=True)
class _Section:
    """The section being filled."""

    heading: str = ""
    level: int = 0
    part: int = 1
    text: list[str] = field(default_factory=list)
    body: int = 0  # characters, headings not counted

    def add(self, paragraph: Paragraph) -> None:
        if self.text:
            self.text.append("\n" if paragraph.tight else "\n\n")
        self.text.append(paragraph.text)
        self.body += 0 if paragraph.level else len(paragraph.text)

    def location(self) -> str:
        if not self.heading:
            return f"Part {self.part}"
        name = f"Section “{shortened(self.heading)}”"
        return name if self.part == 1 else f"{name}, part {self.part}"


def sections(paragraphs: Iterable[Paragraph]) -> Iterator[tuple[str, str]]:
    """(location, text) of each section, as they are completed."""
    section = _Section()
    for paragraph in paragraphs:
        if paragraph.level and _begins_section(section, paragraph):
            if section.body:
                yield section.location(), "".join(section.text)
                section = _Section()
            section.heading, section.level = paragraph.text, paragraph.level
        elif section.body and section.body + len(paragraph.text) > LONG:
            yield section.location(), "".join(section.text)
            section = _Section(section.heading, section.level, section.part + 1)
        section.add(paragraph)
    if section.text:
        yield section.location(), "".join(section.text)


def _begins_section(section: _Section, heading: Paragraph) -> bool:
    """Small subsections stay with their section, so that passages do not become crumbs."""
    return not section.heading or heading.level <= section.level or not 0 < section.body < ENOUGH


def shortened(text: str) -> str:
    """One line of at most NAME_LENGTH characters, all of them visible."""
    line = on_one_line(text)
    return line if len(line) <= NAME_LENGTH else line[: NAME_LENGTH - 1].rstrip() + "…"
