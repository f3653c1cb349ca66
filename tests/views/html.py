"""Reading pages as a person does: by what stands where."""

from typing import Any

from django.http import HttpResponse
from selectolax.lexbor import LexborHTMLParser


def text(response: HttpResponse | Any, where: str = "main") -> str:
    """The words of the first element that the selector finds, with single spaces."""
    found = LexborHTMLParser(response.content.decode()).css_first(where)
    assert found is not None, f"no {where} on the page"
    return " ".join(found.text(separator=" ").split())


def texts(response: HttpResponse | Any, where: str) -> list[str]:
    """The words of each element that the selector finds."""
    return [
        " ".join(found.text(separator=" ").split())
        for found in LexborHTMLParser(response.content.decode()).css(where)
    ]


def attributes(response: HttpResponse | Any, where: str, name: str) -> list[str | None]:
    """An attribute of each element that the selector finds."""
    return [
        found.attributes.get(name)
        for found in LexborHTMLParser(response.content.decode()).css(where)
    ]


def has(response: HttpResponse | Any, where: str) -> bool:
    """Whether the selector finds anything."""
    return LexborHTMLParser(response.content.decode()).css_first(where) is not None
