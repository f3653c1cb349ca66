"""Passages that a voice agent has found, opened beside the talk."""

import re
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from experts.chat.citations import Citation, cite
from experts.models import Expert, Passage
from experts.operations.talks import PASSAGES_ALOUD
from experts.providers.base import Quote
from experts.views.chat import show_quote
from experts.views.person import PersonRequest


def known_to(expert: Expert) -> QuerySet[Passage]:
    return Passage.objects.filter(source_file__experts=expert).select_related("source_file")


@login_required
@require_safe
def passages(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Links to the passages of `?passage=…&passage=…` that are this expert's, in that order."""
    expert = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    asked = [
        int(key) for key in request.GET.getlist("passage") if re.fullmatch(r"[0-9]{1,18}", key)
    ]
    found = known_to(expert).in_bulk(asked[:PASSAGES_ALOUD])
    citations = [whole(found[key]) for key in dict.fromkeys(asked) if key in found]
    return render(request, "_passages.html", {"expert": expert, "citations": citations})


@login_required
@require_safe
def passage(request: PersonRequest, pk: UUID, number: int) -> HttpResponse:
    """One of them, marked on its page."""
    expert = get_object_or_404(Expert.objects.visible_to(request.user), pk=pk)
    return show_quote(request, whole(get_object_or_404(known_to(expert), pk=number)))


def whole(passage: Passage) -> Citation:
    """The passage without marks within it: what the agent will use of it is not known."""
    return cite(Quote(1, passage, passage.source_file.name), 1)
