"""What Django itself answers before or after our views, in the API's words."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from experts.api.errors import SENTENCES, envelope

API_ROOTS = ("/files/", "/experts/", "/queue/")
CODES = {400: "bad_request", 403: "permission_denied", 404: "not_found", 413: "too_large"}


class ApiMiddleware(MiddlewareMixin):
    """Programs get JSON for an unknown address too, and may leave out the slash at the end."""

    def process_request(self, request: HttpRequest) -> None:
        """Add the slash: the redirect that Django would send turns a POST into a GET."""
        if f"{request.path_info}/".startswith(API_ROOTS) and not request.path_info.endswith("/"):
            request.path += "/"
            request.path_info += "/"

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        return in_json(response) if is_foreign(response) and wants_json(request) else response


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
