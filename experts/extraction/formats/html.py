"""HTML: what a reader sees of it, in sections by heading. No script, no style, no fetching."""

import re
from collections.abc import Iterator
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from experts.extraction.encoding_names import codec_of
from experts.extraction.encodings import encoding_of, is_utf8, marked
from experts.extraction.formats.html_depth import flattened
from experts.extraction.formats.html_writer import Writer
from experts.extraction.pages import Document
from experts.extraction.sections import Paragraph, sections

HIDDEN = (
    {"head", "script", "style", "template", "noscript", "nav"}
    | {
        "svg",
        "annotation",
        "annotation-xml",
        "canvas",
        "audio",
        "video",
        "iframe",
        "object",
        "embed",
    }
    | {"select", "textarea", "button"}
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*\[[^\]]*\]\s*>", re.IGNORECASE)  # with entities: XHTML
_NOT_SHOWN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_DECLARED = re.compile(
    rb"(?:<meta[^>]{0,200}?charset|<\?xml[^>]{0,200}?encoding)\s*=\s*[\"']?\s*([\w-]{2,40})",
    re.IGNORECASE,
)


def read(path: Path, *, skip: int) -> Document:
    text = _DOCTYPE.sub("", path.read_bytes().decode(_encoding(path), "replace"), count=1)
    return Document.of_sections(sections(paragraphs(text)), skip=skip)


def paragraphs(markup: str) -> Iterator[Paragraph]:
    """The title, then the visible text of the body, block by block."""
    tree = LexborHTMLParser(flattened(markup))
    if (title := tree.css_first("head > title")) and (text := " ".join(title.text().split())):
        yield Paragraph(text, level=1)
    yield from _body(tree)


def body(markup: str) -> Iterator[Paragraph]:
    """The visible text without the title, which in a book or a mail is not the reader's."""
    text = _DOCTYPE.sub("", markup, count=1)
    yield from _body(LexborHTMLParser(flattened(text)))


def _body(tree: LexborHTMLParser) -> Iterator[Paragraph]:
    if tree.body:
        yield from _walk(tree.body)


def _walk(root: LexborNode) -> Iterator[Paragraph]:
    """In document order, by hand: a recursion would end at deep nesting."""
    writer = Writer()
    open_nodes: list[LexborNode] = []
    node: LexborNode | None = root
    while node:
        yield from writer.enter(node)
        if node.child and _is_shown(node):
            open_nodes.append(node)
            node = node.child
            continue
        yield from writer.leave(node)
        while not node.next and open_nodes:
            node = open_nodes.pop()
            yield from writer.leave(node)
        node = node.next if open_nodes else None


def _is_shown(node: LexborNode) -> bool:
    if node.tag in HIDDEN:
        return False
    attributes = node.attributes
    return "hidden" not in attributes and not _NOT_SHOWN.search(attributes.get("style") or "")


def _encoding(path: Path) -> str:
    """A mark, then UTF-8 where it is valid, then what the file says of itself, then a guess."""
    with path.open("rb") as stream:
        head = stream.read(4096)
    declared = _DECLARED.search(head)
    if marked(head) or not declared or is_utf8(path):
        return encoding_of(path)
    return codec_of(declared[1].decode("ascii")) or encoding_of(path)
