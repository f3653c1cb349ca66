"""Sending a stored file to its owner without letting its content act in their browser."""

from collections.abc import Generator

from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpResponseRedirect
from django.http.response import HttpResponseBase
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

from experts.event_stream import LiveResponse, in_thread, is_live
from experts.models import SourceFile
from experts.providers.files import signed_link, storage_errors

HARMLESS = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")
CHUNK_BYTES = 256 * 1024


def download(request: Request, file: SourceFile, *, inline: bool) -> HttpResponseBase:
    """The file as it was uploaded; shown in place when asked for and harmless.

    Text of any other kind than HTML is shown as plain text. Raises Http404 when it is not stored,
    and ProviderError.
    """
    shown_as = file.media_type
    if inline and shown_as.startswith("text/") and "html" not in shown_as:
        shown_as = "text/plain"
    inline = inline and shown_as in HARMLESS
    return send(request, file.file, name=file.name, media_type=shown_as, inline=inline)


def send(
    request: Request, stored: FieldFile, *, name: str, media_type: str, inline: bool
) -> HttpResponseBase:
    """A person is sent on to where the storage has it, a program gets the bytes from us."""
    if isinstance(request.successful_authenticator, SessionAuthentication):
        link = signed_link(str(stored.name), name=name, media_type=media_type, inline=inline)
        if link:
            return HttpResponseRedirect(link, headers={"Cache-Control": "private, no-store"})
    return passed_on(request, opened(stored), name=name, media_type=media_type, inline=inline)


def opened(stored: FieldFile) -> File[bytes]:
    with storage_errors():
        try:
            return stored.open("rb")
        except FileNotFoundError:
            raise Http404 from None


def passed_on(
    request: Request, content: File[bytes], *, name: str, media_type: str, inline: bool
) -> HttpResponseBase:
    """Stream `content` with safe headers, in small pieces under ASGI too."""
    response: HttpResponseBase = FileResponse(
        content, filename=name, content_type=media_type, as_attachment=not inline
    )
    if is_live(request._request):  # Django itself would first read all of it into memory
        pieces = in_thread(_pieces(content))
        response = LiveResponse(pieces, headers=dict(response.items()))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


def _pieces(content: File[bytes]) -> Generator[bytes]:
    with content:
        yield from content.chunks(CHUNK_BYTES)
