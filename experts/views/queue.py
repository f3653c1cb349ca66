"""The queue as operators see it."""

from django.contrib.auth.decorators import login_required, user_passes_test
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from experts.models import Expert
from experts.views.comparing import last_comparison
from experts.views.in_use import providers_in_use
from experts.views.person import PersonRequest
from experts.views.phrases import estimate, span
from queueing import status
from queueing.models import ProcessingTask, Worker

MOST_TASKS = 50
MOST_WORKERS = 20


def is_operator(user: object) -> bool:
    """Whether somebody may see everybody's queue. Raises PermissionDenied: a 403, not a login."""
    if not getattr(user, "is_staff", False):
        raise PermissionDenied
    return True


@login_required
@user_passes_test(is_operator)
@require_safe
def queue(request: PersonRequest) -> HttpResponse:
    waiting = list(ProcessingTask.objects.ready().in_claim_order()[:MOST_TASKS])
    working = list(ProcessingTask.objects.processing().order_by("started_at")[:MOST_TASKS])
    estimates = status.etas([task.pk for task in [*working, *waiting]])
    names = Expert.objects.in_bulk([task.expert_id for task in [*working, *waiting]])
    rows = [
        {
            "task": task,
            "expert": names.get(task.expert_id),
            "estimate": estimate(estimates.get(task.pk)),
            "position": position,
        }
        for position, task in [
            *((None, task) for task in working),
            *enumerate(waiting, start=1),
        ]
    ]
    counts = status.queue_counts()
    context = {
        "section": "queue",
        "here": request.path,
        "counts": counts,
        "longest_wait": span(counts["oldest_wait_seconds"]),
        "rows": rows,
        "workers": Worker.objects.online().order_by("started_at")[:MOST_WORKERS],
        "last_seen": status.last_worker_seen(),
        "providers": providers_in_use(),
        "comparison": last_comparison(),
    }
    return render(request, "queue.html", context)
