"""Numbers and counters as a person reads them: pure, and the same on every page."""

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from experts.costs import Estimate, Used

COUNTERS = (
    ("File", "current_file", "total_files"),
    ("Page", "current_page", "total_pages"),
    ("Batch", "current_batch", "total_batches"),
    ("Chunk", "current_chunk", "total_chunks"),
)
COUNTED = {  # which counters tell something while a stage runs
    "extracting_text": {"File", "Page"},
    "generating_embeddings": {"File", "Batch", "Chunk"},
}


def counted(count: int, noun: str) -> str:
    """ "1 file", "3 files"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def counters(stage: str, details: dict[str, Any]) -> str:
    """ "File 1/1 • Batch 45/100 • Chunk 450/1000", as far as they are known."""
    telling = COUNTED.get(stage, {"File"})
    return " • ".join(
        f"{word} {details[current]}/{details[total]}"
        for word, current, total in COUNTERS
        if word in telling and details.get(current) and details.get(total)
    )


def estimate(seconds: Sequence[int] | None) -> str:
    """A range of seconds as a person would say it: "about 4 min", "about 4–6 min"."""
    if not seconds:
        return ""
    low, high = seconds
    if high < 60:
        return "less than a minute"
    if high < 90 * 60:
        return f"about {_span(low / 60, high / 60)} min"
    return f"about {_span(low / 3600, high / 3600)} h"


def _span(low: float, high: float) -> str:
    """Both ends rounded to whole numbers, at least 1; one number when they are the same."""
    least, most = max(1, round(low)), max(1, round(high))
    return f"{least}" if least == most else f"{least}–{most}"


def span(seconds: int) -> str:
    """How long something has taken, in its largest whole unit: "38 s", "4 min", "2 h"."""
    if seconds < 60:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 3600 else f"{seconds // 3600} h"


def money(dollars: Decimal) -> str:
    """ "$1.20", or what stands for less than a cent."""
    return f"${dollars:,.2f}" if dollars >= Decimal("0.01") else "less than $0.01"


def used_in_words(used: Used) -> str:
    """ "12,345 tokens in 7 calls, about $0.02; 4 min of talk", as far as the price is known.

    "" for nothing.
    """
    said = []
    if used.calls:
        price = "" if used.price is None else f", about {money(used.price)}"
        said.append(f"{counted(used.tokens, 'token')} in {counted(used.calls, 'call')}{price}")
    if used.seconds:
        said.append(f"{span(used.seconds)} of talk")
    return "; ".join(said)


def estimate_in_words(needed: Estimate) -> str:
    """What reading the selected files is going to take."""
    if not needed.files:
        return ""
    if needed.is_free:
        return "Free: the files are embedded on this server."
    if not needed.unread:
        return "Free: these files have been read before."
    tokens = f"Needs about {counted(needed.tokens, 'token')} of {needed.model}"
    if needed.price is None:
        return f"{tokens}, whose price is not known here."
    price = money(needed.price)
    about = "" if price.startswith("less") else "about "
    listed = f" by the list price of {needed.listed:%B %Y}" if needed.listed else ""
    return f"{tokens}, {about}{price}{listed}."


def page_ranges(pages: Sequence[int]) -> str:
    """ "page 3", "pages 3–9, 12": runs of at least two pages become a range."""
    runs: list[list[int]] = []
    for page in sorted(set(pages)):
        if runs and page == runs[-1][-1] + 1:
            runs[-1].append(page)
        else:
            runs.append([page])
    said = ", ".join(f"{run[0]}–{run[-1]}" if run[1:] else str(run[0]) for run in runs)
    return f"page{'s' if len(set(pages)) > 1 else ''} {said}" if said else ""


def warning_in_words(warning: dict[str, Any]) -> str:
    """The warning's sentence, with its pages unless the sentence names them itself."""
    pages = page_ranges(warning.get("pages") or [])
    message = str(warning["message"])
    return (
        f"{message} ({pages})"
        if pages and not re.search(r"\b(?:page|slide|section)s? \d", message, re.I)
        else message
    )
