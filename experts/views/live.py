"""The live side of pages: the very partials that the pages show, sent when a state changes."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.http import conditional_page, require_safe

from experts.event_stream import event, is_live
from experts.live import live_response
from experts.models import Expert
from experts.views.shown import ShownExpert, show_expert, show_experts

MOST_WATCHED = 100  # experts that one page may watch


@login_required
@require_safe
def events(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events: `state` with an expert's partials, `gone` with a deleted one's id.

    A server that would give a thread to each viewer answers 501, and the page polls.
    """
    if not is_live(request):
        return HttpResponse(status=501)
    experts = {expert.pk: expert for expert in watched(request)}
    fragments = fragments_for(request)

    def as_event(expert_id: UUID, progress: dict[str, Any] | None) -> bytes:
        if progress is None:
            return event("gone", str(expert_id))
        return event("state", fragments(show_expert(experts[expert_id], progress)))

    return live_response(experts, as_event)


@login_required
@require_safe
@conditional_page
def states(request: HttpRequest) -> HttpResponse:
    """All the watched experts' partials at once, for pages that poll; 304 if nothing changed."""
    fragments = fragments_for(request)
    return HttpResponse("".join(map(fragments, show_experts(watched(request)))))


def watched(request: HttpRequest) -> list[Expert]:
    """The experts that the page names, as far as they are the person's own."""
    mine = Expert.objects.visible_to(request.user).select_related("progress")
    return list(mine.filter(pk__in=identifiers(request.GET.getlist("expert")[:MOST_WATCHED])))


def identifiers(values: list[str]) -> list[UUID]:
    """Those of the values that are identifiers at all."""
    found = []
    for value in values:
        try:
            found.append(UUID(value))
        except ValueError:
            continue
    return found


def fragments_for(request: HttpRequest) -> Callable[[ShownExpert], str]:
    """A renderer that needs neither the request nor the database any more."""
    with_steps = "steps" in request.GET

    def render(shown: ShownExpert) -> str:
        parts = ["_expert_state.html"]
        if with_steps and not shown.can_chat:
            parts.append("_composer_why.html")
        context = {"with_steps": with_steps, **vars(shown)}
        return "".join(render_to_string(part, context) for part in parts)

    return render
