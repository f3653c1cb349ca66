"""XML from strangers: no entities, no DTD, no network; element by element in flat memory."""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from experts.extraction.archives import Member
from experts.extraction.errors import ErrorCode, ExtractionError

BOTH = ("start", "end")
END = ("end",)
LARGE = 32 << 20  # bytes of a part that is read whole

RULES: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}

Element = etree._Element


def events(
    part: Member, *tags: str, of: tuple[str, ...] = BOTH
) -> Iterator[tuple[str, etree._Element]]:
    """(event, element) for the tags named, in document order.

    Entities of its own are refused: nothing that writes office files or books declares any.
    Raises ExtractionError (corrupt, too_complex) where the XML goes wrong, not before.
    """
    parser = etree.iterparse(part, events=of, tag=tags, **RULES)
    try:
        for index, (event, element) in enumerate(parser):
            if index == 0 and _declares_entities(element):
                raise ExtractionError(ErrorCode.TOO_COMPLEX)
            yield event, element
    except etree.XMLSyntaxError as error:
        raise ExtractionError(_code_of(error)) from error


def root(part: Member) -> Element:
    """A part whole, by its outermost element, under the same rules. For what is small.

    Raises ExtractionError: corrupt, too_complex.
    """
    data = part.read(LARGE + 1)
    if len(data) > LARGE:
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    try:
        found = etree.fromstring(data, etree.XMLParser(**RULES))
    except etree.XMLSyntaxError as error:
        raise ExtractionError(_code_of(error)) from error
    if _declares_entities(found):
        raise ExtractionError(ErrorCode.TOO_COMPLEX)
    return found


def _declares_entities(element: Any) -> bool:  # the stubs know no document type
    declared = element.getroottree().docinfo.internalDTD
    return declared is not None and next(declared.iterentities(), None) is not None


def _code_of(error: etree.XMLSyntaxError) -> ErrorCode:
    hostile = any(word in str(error) for word in ("depth", "amplification"))
    return ErrorCode.TOO_COMPLEX if hostile else ErrorCode.CORRUPT


def local_name(element: etree._Element) -> str:
    """The name without its namespace: Strict and Transitional OOXML differ only there."""
    return str(element.tag).rpartition("}")[2]


def value(element: etree._Element | None, name: str = "val") -> str:
    """An attribute by its local name, or an empty string."""
    if element is None:
        return ""
    return next((str(v) for k, v in element.items() if str(k).rpartition("}")[2] == name), "")


def forget(element: etree._Element) -> None:
    """Free an element that has been read, and everything before it on its level."""
    element.clear()
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]
