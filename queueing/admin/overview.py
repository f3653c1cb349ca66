"""The page of the admin that shows the whole queue, and stops and starts it."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_POST, require_safe

from queueing.admin.chart import chart
from queueing.admin.listing import CONDITIONS, NAMES
from queueing.admin.looking import remember
from queueing.estimates import Count, count
from queueing.models import Pause, ProcessingTask
from queueing.overview import workers_at_work
from queueing.status import last_worker_seen, oldest_wait_seconds
from queueing.throughput import last_hour

if TYPE_CHECKING:
    from queueing.admin.tasks import ProcessingTaskAdmin

View = Callable[["ProcessingTaskAdmin", HttpRequest], HttpResponse]


def urls(tasks_admin: "ProcessingTaskAdmin") -> list[URLPattern]:
    """Of the pages below, for those whom the admin lets in."""
    protect = tasks_admin.admin_site.admin_view

    def page(view: View, method: Callable[[Any], Any]) -> Any:
        return protect(method(partial(view, tasks_admin)))

    return [
        path("overview/", page(show, require_safe), name="queueing_overview"),
        path("overview/pause/", page(pause, require_POST), name="queueing_pause"),
        path("overview/resume/", page(resume, require_POST), name="queueing_resume"),
    ]


def show(tasks_admin: "ProcessingTaskAdmin", request: HttpRequest) -> HttpResponse:
    if not tasks_admin.has_view_permission(request):
        raise PermissionDenied
    context = {
        **tasks_admin.admin_site.each_context(request),
        "title": "Overview of the queue",
        "opts": tasks_admin.opts,
        "media": tasks_admin.media,
        "counts": counts(),
        "oldest_wait": oldest_wait_seconds(),
        "paused": Pause.objects.first(),
        "workers": workers_at_work(),
        "last_worker_seen": last_worker_seen(),
        "chart": chart(last_hour()),
        "may_change": tasks_admin.has_change_permission(request),
    }
    return TemplateResponse(request, "admin/queueing/overview.html", context)


def counts() -> list[tuple[str, str, Count]]:
    """Status, its name, and how many tasks; estimated where there are very many."""
    return [
        (status, NAMES[status], count(ProcessingTask.objects.filter(CONDITIONS[status])))
        for status in ProcessingTask.Status.values
    ]


def pause(tasks_admin: "ProcessingTaskAdmin", request: HttpRequest) -> HttpResponse:
    return _switch(tasks_admin, request, Pause.begin, "The queue is paused.")


def resume(tasks_admin: "ProcessingTaskAdmin", request: HttpRequest) -> HttpResponse:
    return _switch(tasks_admin, request, Pause.end, "The queue goes on.")


def _switch(
    tasks_admin: "ProcessingTaskAdmin",
    request: HttpRequest,
    switch: Callable[[], bool],
    said: str,
) -> HttpResponse:
    if not tasks_admin.has_change_permission(request):
        raise PermissionDenied
    if switch():
        remember(request, [Pause(pk=1)], said)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:queueing_overview"))
