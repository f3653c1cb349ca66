"""The source of a rich text, made ready for striprtf.

Out of the way is what would cost striprtf words, or all of its time; the cells and rows of tables
become marks of one character, which a text cannot hold otherwise.
"""

import re

ROW_BEGINS, CELL, ROW = "\x1d", "\x1f", "\x1e"  # a cell and a row end there

_BINARY = re.compile(rb"\\bin(\d{1,9}) ?")
_HEX = re.compile(rb"[0-9a-fA-F\s]{400,}")  # pictures and embedded files
_RAW = re.compile("[\x80-\xff]")
# striprtf leaves out whatever these open; headers, notes, text boxes and what an embedded object
# shows are for the reader.
_OPENERS = re.compile(
    r"(?<!\\)(?:\\\*)?\\(?:footnote|annotation|header[lrf]?|footer[lrf]?|shp|shpinst|shptxt"
    r"|object|result)(?![a-z])"
)
_DELETED = re.compile(r"\{((?:\\[a-z]+-?\d* ?)*\\deleted(?![a-z0-9]))")  # kept for the tracks
_LINK = re.compile(r"\\field\{")  # striprtf's search for links takes the square of their number
# A font that names no alphabet: striprtf takes that of the next one for it.
_FONT = re.compile(
    r"\\f\d+ ?(?=\\f(?:nil|roman|swiss|modern|script|decor|tech|bidi)(?![a-z])"
    r"(?:(?!\\fcharset)[^;{}]){0,200}[;{])"
)
_TABLES = (  # the braces end what a letter in Unicode would skip
    (re.compile(r"(?<!\\)\\trowd(?![a-z0-9]) ?"), "{}" + ROW_BEGINS),
    (re.compile(r"(?<!\\)\\(?:nest)?cell(?![a-z0-9]) ?"), "{}" + CELL),
    (re.compile(r"(?<!\\)\\row(?![a-z0-9]) ?"), "{}" + ROW),
)
_NO_MARKS = dict.fromkeys(map(ord, (ROW_BEGINS, CELL, ROW)))
_MACHINE = re.compile(rb"\{\\rtf\d*\s*\\(mac|pca?)(?![a-z0-9])")
_CODE_PAGES = {b"mac": "mac_roman", b"pc": "cp437", b"pca": "cp850"}
_MACINTOSH = rb"\ansicpg10000"  # no code page that Python knows


def prepared(data: bytes) -> str:
    """The same document as plain ASCII, without what is not text."""
    text = _decoded(_HEX.sub(b"", _without_binary(data.replace(_MACINTOSH, b""))))
    text = _OPENERS.sub(r"\\par ", _DELETED.sub(r"{\\*\1", text.translate(_NO_MARKS)))
    for pattern, mark in _TABLES:
        text = pattern.sub(mark, text)
    return _LINK.sub(r"\\field {", _FONT.sub("", text))


def code_page(data: bytes) -> str:
    """The alphabet of a document that names none by its number."""
    machine = _MACHINE.match(data)
    return _CODE_PAGES[machine[1]] if machine else "cp1252"


def _without_binary(data: bytes) -> bytes:
    kept, position = [], 0
    while found := _BINARY.search(data, position):
        kept.append(data[position : found.start()])
        position = found.end() + int(found[1])
    return b"".join([*kept, data[position:]])


def _decoded(data: bytes) -> str:
    """Bytes above ASCII are of the font's alphabet, as if they were escaped, or else UTF-8."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _RAW.sub(lambda byte: f"\\'{ord(byte[0]):02x}", data.decode("latin-1"))
