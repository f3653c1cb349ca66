"""The list of a person's experts."""

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from experts.models import Expert
from experts.views.shown import ShownExpert, show_experts

CARDS_A_PAGE = 24


@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    mine = Expert.objects.visible_to(request.user).select_related("progress")
    page = Paginator(mine, CARDS_A_PAGE).get_page(request.GET.get("page"))
    experts = show_experts(page.object_list)
    context = {
        "section": "experts",
        "page": page,
        "experts": experts,
        "unfinished": any(not shown.state.finished for shown in experts),
        **live_addresses(experts),
    }
    return render(request, "dashboard.html", context)


def live_addresses(experts: list[ShownExpert], *, with_steps: bool = False) -> dict[str, str]:
    """Where a page hears, or asks, how its experts stand."""
    query = [("expert", str(shown.expert.pk)) for shown in experts]
    if with_steps:
        query.append(("steps", "1"))
    return {
        "live_events": f"{reverse('live_events')}?{urlencode(query)}",
        "live_poll": f"{reverse('live_states')}?{urlencode(query)}",
    }
