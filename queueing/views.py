from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from queueing.metrics import registry


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Open to whoever reaches it, as scrapers expect: it tells counts and ages, no contents."""
    return HttpResponse(generate_latest(registry()), content_type=CONTENT_TYPE_LATEST)
