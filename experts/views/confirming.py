"""Questions before what cannot be undone: in the dialog by htmx, on a page without JavaScript."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked; `losses` names what will go, `verb` is the button that does it."""

    question: str
    verb: str
    back: str
    sentences: Sequence[str] = ()
    losses: Sequence[str] = ()
    dangerous: bool = True
    keep: str = "Keep it"


def ask_first(request: HttpRequest, question: Question) -> HttpResponse:
    """Show the question; its form posts to the very address that showed it."""
    in_dialog = request.headers.get("HX-Request") == "true"
    return render(
        request,
        "_confirm.html" if in_dialog else "confirm.html",
        asdict(question) | {"action": request.path, "next": next_page(request, question.back)},
    )


def next_page(request: HttpRequest, default: str) -> str:
    """Where the person came from, if it is a page of ours and not the question itself."""
    wanted = request.POST.get("next") or request.headers.get("Referer") or ""
    if request.path in wanted:
        return default
    if wanted and url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()}):
        return wanted
    return default
