"""The values of a workbook's cells as people see them: texts, numbers, dates, percentages."""

import re
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from experts.extraction import xml
from experts.extraction.archives import Archive
from experts.extraction.open_xml import parts_of

LATEST = 2_958_466  # days: the year 10000, where dates end
DAY = 24 * 60  # minutes
DIGITS = 15  # that spreadsheets keep of a number

_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_ELAPSED = re.compile(r"\[(?:h|m|s)+\]", re.IGNORECASE)
_BUILT_IN = {  # number formats that files do not spell out (ECMA-376, 18.8.30)
    **dict.fromkeys((9, 10), "0%"),
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 59)), "y"),
    **dict.fromkeys((18, 19, 20, 21, *range(32, 36), 45, 47), "h"),
    22: "y h",
    46: "[h]",
}

Writer = Callable[[float, datetime], str]


class Values:
    """What the whole workbook knows about its cells: shared texts, formats, the first day."""

    def __init__(self, archive: Archive, main: str) -> None:
        self._texts = [
            text
            for part in parts_of(archive, main, "sharedStrings")[:1]
            for text in _shared_texts(archive, part)
        ]
        self._writers = [
            writer
            for part in parts_of(archive, main, "styles")[:1]
            for writer in _writers(archive, part)
        ]
        self._epoch = _epoch(archive, main)

    def of(self, cell: xml.Element, held: xml.Element) -> str:
        """The text of a cell that holds this value; empty when it cannot be told."""
        kind = cell.get("t", "n")
        stored = held.text or ""
        if kind == "n":
            return self._number(stored, cell.get("s", "0"))
        if kind == "s":
            index = _index(stored)
            return self._texts[index] if index < len(self._texts) else ""
        if kind == "b":
            return "TRUE" if stored == "1" else "FALSE"
        return text_of(held) if kind == "inlineStr" else _unescaped(stored)

    def _number(self, stored: str, style: str) -> str:
        if stored.isdecimal() and len(stored) > DIGITS:
            return stored  # an account or a serial number
        index = _index(style)
        writer = self._writers[index] if index < len(self._writers) else _plain
        try:
            return writer(float(stored), self._epoch)
        except ValueError:
            return stored


def _index(stored: str) -> int:
    """A place in a list; out of reach for what is none."""
    return int(stored) if stored.isdecimal() and len(stored) < 10 else sys.maxsize


def text_of(element: xml.Element) -> str:
    """The runs of a text, without the readings beside Japanese words."""
    parts = (
        child.text if xml.local_name(child) == "t" else child.findtext("{*}t")
        for child in element
        if xml.local_name(child) in ("t", "r")
    )
    return _unescaped("".join(filter(None, parts)))


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _shared_texts(archive: Archive, part: str) -> Iterator[str]:
    for _, item in xml.events(archive.open(part), "{*}si", of=xml.END):
        yield text_of(item)
        xml.forget(item)


def _epoch(archive: Archive, main: str) -> datetime:
    """Day 0. Workbooks from old Macintoshes count from 1904."""
    for _, settings in xml.events(archive.open(main), "{*}workbookPr", of=xml.END):
        if settings.get("date1904", "0") in ("1", "true"):
            return datetime(1904, 1, 1)  # noqa: DTZ001 - a workbook knows no time zones
    return datetime(1899, 12, 30)  # noqa: DTZ001


def _writers(archive: Archive, part: str) -> list[Writer]:
    """By the number of a cell's style, how it shows numbers."""
    root = xml.root(archive.open(part))
    codes = _BUILT_IN | {
        int(item.get("numFmtId", "0")): item.get("formatCode", "")
        for item in root.iterfind("{*}numFmts/{*}numFmt")
    }
    styles = root.iterfind("{*}cellXfs/{*}xf")
    return [_writer(codes.get(int(style.get("numFmtId", "0")), "")) for style in styles]


def _writer(code: str) -> Writer:
    """How a number format shows a number; currency and digits are left as they are stored."""
    bare = _LITERAL.sub("", code.partition(";")[0]).lower()
    if _ELAPSED.search(bare):
        return _elapsed
    date, time = bool(set("yd") & set(bare)), bool(set("hs") & set(bare))
    if date or (not time and "m" in bare):
        return _moment if time else _date
    if time:
        return _time
    return _percentage if "%" in bare else _plain


def _plain(value: float, _: datetime) -> str:
    return f"{value:.{DIGITS}g}"


def _percentage(value: float, _: datetime) -> str:
    return f"{value * 100:.10g}%"


def _date(value: float, epoch: datetime) -> str:
    return f"{_when(value, epoch):%Y-%m-%d}"


def _moment(value: float, epoch: datetime) -> str:
    return f"{_when(value, epoch):%Y-%m-%d %H:%M}"


def _time(value: float, epoch: datetime) -> str:
    return f"{_when(value, epoch):%H:%M}"


def _elapsed(value: float, _: datetime) -> str:
    minutes = round(value * DAY)
    return f"{minutes // 60}:{minutes % 60:02}"


def _when(value: float, epoch: datetime) -> datetime:
    """Raises ValueError for what is no date. Excel takes 1900 for a leap year, as Lotus did."""
    if not 0 <= value < LATEST:
        raise ValueError(value)
    if value < 60 and epoch.year == 1899:
        value += 1
    return epoch + timedelta(minutes=round(value * DAY))
