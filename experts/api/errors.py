"""Every error as the API says it: {"success": false, "error": {"code", "message", "fields"?}}."""

import logging
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFilesSent
from django.db import InterfaceError, OperationalError
from rest_framework.exceptions import APIException, Throttled, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from experts.operations import NotReady, Refused
from experts.providers.base import ProviderError

logger = logging.getLogger(__name__)

STATUS_OF_REFUSALS = {  # all others are 400
    "wrong_secret": 401,
    "wrong_signature": 401,
    "not_ready": 409,
    "not_processing": 409,
    "not_failed": 409,
    "voice_unavailable": 409,
    "too_large": 413,
    "too_many_files": 413,
    "unsupported_type": 415,
    "storage_unavailable": 503,
}

SENTENCES = {
    "not_authenticated": (
        "Send your token in the header `Authorization: Token …`. Your account page makes one,"
        " and so does `manage.py create_api_token`."
    ),
    "authentication_failed": (
        "This token is not valid, or was revoked. Make a new one on your account page."
    ),
    "not_found": "There is nothing here, or it is not yours. Check the address and the id.",
    "not_acceptable": "This call cannot answer in the format that your Accept header asks for.",
    "error": "Something went wrong on our side. Try again; if it stays, tell the operator.",
}


def envelope(
    code: str, message: str, *, fields: dict[str, str] | None = None, **beside: Any
) -> dict[str, Any]:
    """The body of an error; `beside` stands next to `error`."""
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = fields
    return {"success": False, "error": error, **beside}


def status_of(refusal: Refused) -> int:
    return STATUS_OF_REFUSALS.get(refusal.code, 400)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's EXCEPTION_HANDLER. What nobody foresaw is left to Django, which logs it as a 500."""
    response = exception_handler(error, context)
    if response is not None:
        response.data = _said_by_rest_framework(error, response, context["view"])
    else:
        response = _said_by_us(error)
    if response is not None:
        response.content_type = "application/json"  # also when events were asked for
    return response


def _said_by_us(error: Exception) -> Response | None:
    match error:
        case NotReady():
            body = envelope(error.code, error.message, progress=error.progress)
            return Response(body, status=409)
        case Refused():
            body = envelope(error.code, error.message, fields=error.fields)
            return Response(body, status=status_of(error))
        case ProviderError():
            return _later("provider_unavailable", str(error), seconds=error.retry_after)
        case OperationalError() | InterfaceError():
            logger.warning("The database did not answer: %s", error)
            return _later("database_unavailable", "The database is away. Try again in a minute.")
        case TooManyFilesSent():
            message = "These are too many files for one request. Send them in several."
            return Response(envelope("too_many_files", message), status=413)
        case RequestDataTooBig():
            message = "The request is too large. Shorten its texts."
            return Response(envelope("too_large", message), status=413)
        case SuspiciousOperation():
            message = "This request cannot be understood. Check how it is built."
            return Response(envelope("bad_request", message), status=400)
    return None


def _later(code: str, message: str, *, seconds: float | None = None) -> Response:
    headers = {"Retry-After": str(max(1, round(seconds)))} if seconds else {}
    return Response(envelope(code, message), status=503, headers=headers)


def _said_by_rest_framework(error: Exception, response: Response, view: Any) -> dict[str, Any]:
    if isinstance(error, ValidationError):
        return _invalid(error)
    code = error.get_codes() if isinstance(error, APIException) else None
    code = code if isinstance(code, str) else {404: "not_found"}.get(response.status_code, "error")
    if isinstance(error, Throttled):
        seconds = response.headers.get("Retry-After", "1")
        return envelope(code, f"Too many requests. Try again in {seconds} s.")
    detail = response.data.get("detail", "") if isinstance(response.data, dict) else ""
    if code == "method_not_allowed":
        detail = f"{detail} This address takes {', '.join(view.allowed_methods)}."
    if code == "unsupported_media_type":
        detail = f"{detail} Send JSON, or a form where there are files, and say so in Content-Type."
    if code == "parse_error":
        detail = f"{str(detail).rstrip('.')}. Correct the body and send it again."
    return envelope(code, SENTENCES.get(code) or str(detail))


def _invalid(error: ValidationError) -> dict[str, Any]:
    if not isinstance(error.detail, dict):
        return envelope("invalid", _first_sentence(error.detail))
    fields = {str(name): _first_sentence(detail) for name, detail in error.detail.items()}
    if len(fields) > 1:
        return envelope(
            "invalid", f"Some inputs need attention: {', '.join(fields)}.", fields=fields
        )
    [(name, sentence)] = fields.items()
    return envelope("invalid", f"{name}: {sentence}", fields=fields)


def _first_sentence(detail: Any) -> str:
    """The first message in DRF's nested lists and dictionaries of messages."""
    while isinstance(detail, dict | list):
        detail = next(iter(detail.values() if isinstance(detail, dict) else detail), "")
    return str(detail)
