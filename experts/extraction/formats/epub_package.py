"""What an e-book says of itself: its documents in reading order, its chapters' titles."""

import posixpath
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from experts.extraction import xml
from experts.extraction.archives import Archive
from experts.extraction.encodings import decode
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.formats.html_depth import flattened
from experts.extraction.sections import shortened

CONTAINER = "META-INF/container.xml"
ENCRYPTION = "META-INF/encryption.xml"
NCX = "application/x-dtbncx+xml"  # the table of contents of EPUB 2
PAGES = {"application/xhtml+xml", "text/html", "text/x-oeb1-document"}


class Item(NamedTuple):
    """A member of the book; its name is only ever looked up among those the archive has."""

    name: str
    media_type: str
    properties: str


class Book(NamedTuple):
    """The documents in reading order, each once, and the titles that lead into each of them."""

    spine: list[str]
    titles: dict[str, list[str]]


def book_of(archive: Archive) -> Book:
    """Raises ExtractionError: corrupt, too_complex, encrypted (bought with a lock)."""
    package = _package(archive)
    items, order = _manifest(archive, package)
    spine = [items[key].name for key in order if key in items and items[key].media_type in PAGES]
    if _locked(archive) & set(spine):
        raise ExtractionError(
            ErrorCode.ENCRYPTED,
            "This e-book is locked by its seller (DRM). Upload a copy that is not.",
        )
    return Book(spine, _titles(archive, list(items.values())))


def _package(archive: Archive) -> str:
    for _, element in xml.events(archive.open(CONTAINER), "{*}rootfile", of=xml.END):
        if (name := element.get("full-path") or "") in archive.names:
            return name
    raise ExtractionError(ErrorCode.CORRUPT)


def _manifest(archive: Archive, package: str) -> tuple[dict[str, Item], list[str]]:
    """The members by their ids, and the ids in reading order; a repeated one is read once."""
    items: dict[str, Item] = {}
    order: dict[str, None] = {}
    for _, element in xml.events(archive.open(package), "{*}item", "{*}itemref", of=xml.END):
        if xml.local_name(element) == "itemref":
            order[element.get("idref") or ""] = None
        else:
            name = member(package, element.get("href") or "")
            kind, properties = element.get("media-type") or "", element.get("properties") or ""
            items[element.get("id") or ""] = Item(name, kind, properties)
        xml.forget(element)
    return items, list(order)


def _locked(archive: Archive) -> set[str]:
    """What is encrypted. Fonts often are, and nobody reads them."""
    if ENCRYPTION not in archive.names:
        return set()
    found = xml.events(archive.open(ENCRYPTION), "{*}CipherReference", of=xml.END)
    return {unquote(element.get("URI") or "") for _, element in found}


def _titles(archive: Archive, items: list[Item]) -> dict[str, list[str]]:
    """From the table of contents, that of EPUB 3 if there is one."""
    tables = [item for item in items if "nav" in item.properties.split()]
    tables += [item for item in items if item.media_type == NCX]
    for table in tables:
        if table.name in archive.names:
            tree = LexborHTMLParser(flattened(decode(archive.read(table.name))))
            titles: dict[str, list[str]] = {}
            for title, target in _entries(tree):
                titles.setdefault(member(table.name, target), []).append(title)
            if titles:
                return titles
    return {}


def _entries(tree: LexborHTMLParser) -> Iterator[tuple[str, str]]:
    """(title, where it leads). Read as HTML, which knows no entities and forgives much."""
    for point in tree.css("navpoint"):
        label, content = point.css_first("text"), point.css_first("content")
        if label and content:
            yield shortened(label.text()), content.attributes.get("src") or ""
    contents = _contents(tree)
    for link in contents.css("a[href]") if contents else []:
        yield shortened(link.text()), link.attributes.get("href") or ""


def _contents(tree: LexborHTMLParser) -> LexborNode | None:
    """The list of chapters: a book may also list its pages and its pictures."""
    lists = tree.css("nav")
    named = (node for node in lists if "toc" in (node.attributes.get("epub:type") or "").split())
    return next(named, lists[0] if lists else tree.body)


def member(base: str, reference: str) -> str:
    """The name of the member that a reference from another one means."""
    target = unquote(reference.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(base), target))
