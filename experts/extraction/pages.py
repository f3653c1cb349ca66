"""What reading a file yields: its pages, each with a place that a person understands."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import NamedTuple

from experts.extraction.cleaning import clean
from experts.extraction.errors import ErrorCode, ExtractionError
from experts.extraction.quality import Condition, condition_of

PICTURE = "\ufdd0"  # in a raw text, where a picture that says something could not be read

Section = tuple[str, str]  # location, text


class Reached(NamedTuple):
    """How far into a file reading has come, where its pages alone do not tell.

    `share` is of the whole file, 0 to 1, None while nobody knows. `unit` is what a person counts
    instead of sections ("row"), `number` the one that was read last, `total` how many there are,
    if that is known.
    """

    share: float | None = None
    unit: str = ""
    number: int = 0
    total: int | None = None


Located = tuple[str, str, Reached]


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """One page, or one section of a file that has no pages.

    `number` counts from 1 and is the ordinal in the file; `location` names the place
    ("Page 3", "Section “Install”"). `text` is empty unless there is some to read. `scanned`
    tells that it shows a picture of text which was not read, or, without text, any picture;
    `follows`, that the text may go on here in the middle of a sentence of the page before.
    """

    number: int
    location: str
    text: str
    condition: Condition
    scanned: bool = False
    follows: bool = False
    reached: Reached | None = None

    @classmethod
    def from_raw(cls, number: int, location: str, raw: str) -> "ExtractedPage":
        """Judge and clean text as it came out of a file; PICTURE stands for what was not read."""
        scanned = PICTURE in raw
        text = raw.replace(PICTURE, "")
        return cls(number, location, clean(text), condition_of(text, drawn=scanned), scanned)


@dataclass(slots=True)
class Document:
    """A file being read: its pages as they come, and how many there will be, when known."""

    pages: Iterator[ExtractedPage]
    total_pages: int | None = None

    @classmethod
    def of_sections(
        cls,
        sections: Iterable[Section],
        *,
        skip: int,
        look_ahead: int = 500,
        flowing: bool = False,
        reached: Callable[[], Reached] = Reached,
    ) -> "Document":
        """Number (location, text) sections from 1; the total is known for short files.

        At most `look_ahead` sections are held in memory to find out. `flowing` sections may end
        anywhere. Each is asked for what had been `reached` with it. Raises ExtractionError
        (empty) when none has text, and what the sections raise before the first.
        """
        filled = ((*section, reached()) for section in sections if section[1].strip())
        ahead, failure = _taken(filled, look_ahead)
        if not ahead:
            raise failure or ExtractionError(ErrorCode.EMPTY)
        total = len(ahead) if len(ahead) < look_ahead and not failure else None
        rest = _failing(failure) if failure else filled
        numbered = islice(enumerate(chain(ahead, rest), start=1), skip, None)
        pages = (
            replace(
                ExtractedPage.from_raw(number, where, raw),
                follows=flowing and number > 1,
                reached=None if total else come,
            )
            for number, (where, raw, come) in numbered
        )
        return cls(pages, total)


def only_pictures(location: str) -> Document:
    """One page, which shows pictures and no words."""
    page = ExtractedPage(1, location, "", Condition.NO_TEXT, scanned=True)
    return Document(iter([page]), 1)


def _taken(sections: Iterator[Located], count: int) -> tuple[list[Located], ExtractionError | None]:
    """Up to `count` sections, and the error that ended them: what came before it is good."""
    taken: list[Located] = []
    try:
        for section in islice(sections, count):
            taken.append(section)
    except ExtractionError as error:
        return taken, error
    return taken, None


def _failing(error: ExtractionError) -> Iterator[Located]:
    raise error
    yield
