"""The parts of an Open XML package (.docx, .pptx, .xlsx) and how they lead to each other."""

import posixpath
from typing import NamedTuple

from experts.extraction import xml
from experts.extraction.archives import Archive


class Relation(NamedTuple):
    """One part's way to another. `kind` is the last word of its type ("slide")."""

    id: str
    kind: str
    part: str


def relations(archive: Archive, part: str = "") -> list[Relation]:
    """Where a part (or the package itself) leads; nothing outside the package is followed.

    Strict and Transitional files differ in the types' addresses, not in their last word.
    """
    folder, name = posixpath.split(part)
    path = posixpath.join(folder, "_rels", f"{name}.rels")
    if path not in archive.names:
        return []
    known = {name.lower(): name for name in archive.names}
    found = (
        Relation(
            element.get("Id", ""),
            element.get("Type", "").rpartition("/")[2],
            known.get(_target(element, folder).lower(), ""),
        )
        for _, element in xml.events(archive.open(path), "{*}Relationship", of=xml.END)
        if element.get("TargetMode") != "External"
    )
    return [relation for relation in found if relation.part]


def _target(element: xml.Element, folder: str) -> str:
    """A member's name, only ever looked up. Some programs write \\, or mix upper and lower case."""
    target = element.get("Target", "").replace("\\", "/")
    return posixpath.normpath(posixpath.join("/", folder, target)).lstrip("/")


def parts_of(archive: Archive, part: str, kind: str) -> list[str]:
    """The parts of one kind that a part leads to, each once."""
    return list(dict.fromkeys(r.part for r in relations(archive, part) if r.kind == kind))


def main_part(archive: Archive, usual: str) -> str:
    """The document itself; `usual` where the package does not say."""
    return next(iter(parts_of(archive, "", "officeDocument")), usual)


def listed_parts(archive: Archive, part: str, tag: str) -> list[tuple[xml.Element, str]]:
    """The elements of this name that refer to parts (slides, sheets), in order, each part once."""
    targets = {relation.id: relation.part for relation in relations(archive, part)}
    listed: dict[str, xml.Element] = {}
    for _, element in xml.events(archive.open(part), tag, of=xml.END):
        if name := targets.get(_reference(element)):
            listed.setdefault(name, element)
    return [(element, name) for name, element in listed.items()]


def _reference(element: xml.Element) -> str:
    """`r:id`; a plain `id` is something else."""
    return next((str(v) for k, v in element.items() if str(k).endswith("}id")), "")
