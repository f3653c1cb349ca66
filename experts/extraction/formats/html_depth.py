"""A guard before the HTML parser, whose time grows with the square of the nesting."""

import re

MAX_DEPTH = 500  # of elements, about where browsers stop too
LONG_TAG = 20_000  # characters, of which a picture in an address can have millions
MAX_ATTRIBUTES = 1_000  # of a long tag; the parser's time grows with their square, too

# Elements that end by themselves: they do not nest, however often they are left open.
_FLAT = (
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param"}
    | {"source", "track", "wbr", "p", "li", "dt", "dd", "option", "optgroup"}
    | {"tr", "td", "th", "thead", "tbody", "tfoot", "colgroup", "rb", "rt", "rtc", "rp"}
)
_TAG = re.compile(  # a comment that is left open goes on to the end, as it does for browsers
    r"<!--.*?(?:-->|\Z)|<(/?)([a-zA-Z][a-zA-Z0-9:-]*+)[^<>]*+>", re.DOTALL
)


def flattened(markup: str) -> str:
    """The same markup without tags that nest deeper than MAX_DEPTH; their text stays.

    A tag of too many attributes loses all of them.
    """
    dropped: list[tuple[int, int]] = []
    opened: list[str] = []
    counts: dict[str, int] = {}
    for tag in _TAG.finditer(markup):
        name = (tag[2] or "").lower()
        if name and tag.end() - tag.start() > LONG_TAG and tag[0].count("=") > MAX_ATTRIBUTES:
            dropped.append((tag.end(2), tag.end() - 1))
            continue
        if not name or name in _FLAT or markup[tag.end() - 2] == "/":
            continue
        if not tag[1]:
            opened.append(name)
            counts[name] = counts.get(name, 0) + 1
        deep = len(opened) > MAX_DEPTH
        if tag[1] and counts.get(name):
            _close(name, opened, counts)
        if deep:
            dropped.append(tag.span())
    return _without(markup, dropped) if dropped else markup


def _close(name: str, opened: list[str], counts: dict[str, int]) -> None:
    """Leave the innermost element of that name, and what was left open inside it."""
    while opened:
        last = opened.pop()
        counts[last] -= 1
        if last == name:
            return


def _without(markup: str, spans: list[tuple[int, int]]) -> str:
    kept, position = [], 0
    for start, end in spans:
        kept.append(markup[position:start])
        position = end
    return " ".join([*kept, markup[position:]])
