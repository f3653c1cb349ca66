"""What reading a file yields: its pages, each with a place that a person understands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from experts.ingestion.cleaning import clean
from experts.ingestion.errors import ErrorCode, ExtractionError
from experts.ingestion.quality import Condition, condition_of


@dataclass(frozen=True, slots=True)
class ExtractedPage:
    """One page, or one section of a file that has no pages.

    `number` counts from 1 and is the ordinal in the file; `location` names the place
    ("Page 3", "Section “Install”"). `text` is empty unless there is some to read. `scanned`
    tells, for a page without text, that it shows a picture.
    """

    number: int
    location: str
    text: str
    condition: Condition
    scanned: bool = False

    @classmethod
    def from_raw(cls, number: int, location: str, raw: str) -> "ExtractedPage":
        """Judge and clean text as it came out of a file without drawings."""
        return cls(number, location, clean(raw), condition_of(raw))


@dataclass(slots=True)
class Document:
    """A file being read: its pages as they come, and how many there will be, when known."""

    pages: Iterator[ExtractedPage]
    total_pages: int | None = None

    @classmethod
    def of_sections(
        cls, sections: Iterable[tuple[str, str]], *, skip: int, look_ahead: int = 500
    ) -> "Document":
        """Number (location, text) sections from 1; the total is known for short files.

        At most `look_ahead` sections are held in memory to find out. Raises ExtractionError
        (empty) when none has text, and what the sections raise before the first.
        """
        filled = (section for section in sections if section[1].strip())
        ahead, failure = _taken(filled, look_ahead)
        if not ahead:
            raise failure or ExtractionError(ErrorCode.EMPTY)
        total = len(ahead) if len(ahead) < look_ahead and not failure else None
        rest = _failing(failure) if failure else filled
        numbered = islice(enumerate(chain(ahead, rest), start=1), skip, None)
        return cls((ExtractedPage.from_raw(n, where, raw) for n, (where, raw) in numbered), total)


def _taken(
    sections: Iterator[tuple[str, str]], count: int
) -> tuple[list[tuple[str, str]], ExtractionError | None]:
    """Up to `count` sections, and the error that ended them: what came before it is good."""
    taken: list[tuple[str, str]] = []
    try:
        for section in islice(sections, count):
            taken.append(section)
    except ExtractionError as error:
        return taken, error
    return taken, None


def _failing(error: ExtractionError) -> Iterator[tuple[str, str]]:
    raise error
    yield
