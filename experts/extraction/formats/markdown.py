"""Markdown: its words without its marks, in sections by heading, read line by line."""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from experts.extraction.encodings import Lines
from experts.extraction.formats.markdown_inline import plain
from experts.extraction.pages import Document, Reached
from experts.extraction.sections import Paragraph, sections

LONG = 4_000  # characters of a paragraph, in case it never ends

_FENCE = re.compile(r"[\s>]*(```|~~~)")
_HEADING = re.compile(r" {0,3}(#{1,6})\s+(\S.*)")
_UNDERLINE = re.compile(r" {0,3}(?:=+|-+)$")
_RULE = re.compile(r" {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$")
_QUOTE = re.compile(r"^\s*>[>\s]*")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s")
_ROW_RULE = re.compile(r"[\s|:-]+$")
_REFERENCE = re.compile(r" {0,3}\[[^\[\]]+\]:\s*\S")


def read(path: Path, *, skip: int) -> Document:
    lines = Lines(path)
    found = sections(paragraphs(lines))
    return Document.of_sections(found, skip=skip, reached=lambda: Reached(lines.share))


def paragraphs(source: Iterable[str]) -> Iterator[Paragraph]:
    """Headings, paragraphs, list items, table rows and blocks of code, in order."""
    reader = _Reader()
    for line in _without_comments(_without_front_matter(iter(source))):
        yield from reader.take(line.rstrip())
    yield from reader.flush()


class _Reader:
    """Collects lines until their paragraph is complete."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._size = 0
        self._fence = ""  # what ends the block of code that we are in
        self._blank = True  # whether a blank line came before what is held

    def take(self, line: str) -> Iterator[Paragraph]:
        """One more line; yields what it completes."""
        fence = _FENCE.match(line)
        if fence and self._fence in ("", fence[1]):
            yield from self.flush()
            self._fence, self._blank = "" if self._fence else fence[1], True
        elif self._fence:
            yield from self._hold(line)
        else:
            yield from self._prose(_QUOTE.sub("", line, count=1))

    def _prose(self, line: str) -> Iterator[Paragraph]:
        if heading := _HEADING.match(line):
            yield from self.flush()
            yield self._finished(heading[2].rstrip("# "), level=len(heading[1]))
        elif self._held and _UNDERLINE.match(line):
            level = 1 if "=" in line else 2
            yield from (paragraph._replace(level=level) for paragraph in self.flush())
        elif not line.strip() or _RULE.match(line) or _REFERENCE.match(line):
            yield from self.flush()
            self._blank = True
        elif line.lstrip().startswith("|"):
            yield from self.flush()
            yield from self._row(line)
        else:
            if _ITEM.match(line):
                yield from self.flush()
            yield from self._hold(line)

    def _row(self, line: str) -> Iterator[Paragraph]:
        if not _ROW_RULE.match(line):
            cells = line.strip().strip("|").split("|")
            yield self._finished("\t".join(cell.strip() for cell in cells))

    def _hold(self, line: str) -> Iterator[Paragraph]:
        self._held.append(line)
        self._size += len(line)
        if self._size > LONG:
            yield from self.flush()

    def flush(self) -> Iterator[Paragraph]:
        """Complete what is held."""
        text = "\n".join(self._held)
        self._held, self._size = [], 0
        if text.strip():
            yield Paragraph(text, tight=not self._blank) if self._fence else self._finished(text)
            self._blank = False

    def _finished(self, text: str, *, level: int = 0) -> Paragraph:
        tight, self._blank = not self._blank and not level, bool(level)
        return Paragraph(plain(text), level, tight)


def _without_front_matter(source: Iterator[str]) -> Iterator[str]:
    """Drop the settings between two lines of dashes at the top, when both are there."""
    first = next(source, "")
    if first.rstrip() != "---":
        yield from chain([first], source)
        return
    held = [first]
    for line in source:
        held.append(line)
        if line.rstrip() in ("---", "..."):
            break
        if len(held) > 100 or not line.strip():
            yield from held
            break
    yield from source


def _without_comments(source: Iterator[str]) -> Iterator[str]:
    """Drop <!-- … -->, over as many lines as it takes; code is not looked into."""
    inside = code = False
    for line in source:
        code ^= bool(not inside and _FENCE.match(line))
        shown = ""
        rest = line
        while rest and not code:
            before, mark, rest = rest.partition("-->" if inside else "<!--")
            shown += "" if inside else before
            inside ^= bool(mark)
        yield line if code else shown
