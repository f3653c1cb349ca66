"""What Django itself answers before or after our views, in the API's words."""

import io

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from experts.api.errors import SENTENCES, envelope

API_ROOTS = ("/files/", "/experts/", "/queue/", "/voice/")
CODES = {400: "bad_request", 403: "permission_denied", 404: "not_found", 413: "too_large"}


class ApiMiddleware(MiddlewareMixin):
    """Programs get JSON for an unknown address too, and may leave out the slash at the end."""

    def process_request(self, request: HttpRequest) -> None:
        if f"{request.path_info}/".startswith(API_ROOTS):
            add_slash(request)
            measure_body(request)

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        return in_json(response) if is_foreign(response) and wants_json(request) else response


def add_slash(request: HttpRequest) -> None:
    """The redirect that Django would send instead turns a POST into a GET."""
    if not request.path_info.endswith("/"):
        request.path += "/"
        request.path_info += "/"


def measure_body(request: HttpRequest) -> None:
    """A body sent in chunks names no length, and is then taken for an empty one.

    Under ASGI it has arrived by now, in the file that the request reads from.
    """
    if isinstance(request, ASGIRequest) and not request.META.get("CONTENT_LENGTH"):
        body = request._stream
        request.META["CONTENT_LENGTH"] = str(body.seek(0, io.SEEK_END))
        body.seek(0)


def wants_json(request: HttpRequest) -> bool:
    """Programs rarely say what they accept; browsers always ask for HTML."""
    accepted = request.headers.get("Accept", "*/*")
    return "text/html" not in accepted and (
        request.path_info.startswith(API_ROOTS) or "json" in accepted
    )


def is_foreign(response: HttpResponseBase) -> bool:
    """Whether this is an error page of Django's own."""
    return (
        response.status_code >= 400
        and isinstance(response, HttpResponse)
        and response.headers.get("Content-Type", "").startswith(("text/html", "text/plain"))
    )


def in_json(response: HttpResponseBase) -> JsonResponse:
    code = CODES.get(response.status_code, "error")
    message = SENTENCES.get(code) or f"{response.reason_phrase}. Check how the request is built."
    return JsonResponse(envelope(code, message), status=response.status_code)
