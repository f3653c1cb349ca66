"""Sending a stored file to its owner without letting its content act in their browser."""

from collections.abc import Generator

from django.core.files.base import File
from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from experts.event_stream import LiveResponse, in_thread, is_live
from experts.models import SourceFile

HARMLESS = ("application/pdf", "image/png", "image/jpeg", "image/gif", "image/webp", "text/plain")
CHUNK_BYTES = 256 * 1024


def download(request: HttpRequest, file: SourceFile, *, inline: bool) -> HttpResponseBase:
    """The file as it was uploaded; shown in place when asked for and harmless.

    Text of any other kind than HTML is shown as plain text. Raises Http404 when it is not stored.
    """
    shown_as = file.media_type
    if inline and shown_as.startswith("text/") and "html" not in shown_as:
        shown_as = "text/plain"
    return send(
        request,
        opened(file),
        name=file.name,
        media_type=shown_as,
        inline=inline and shown_as in HARMLESS,
    )


def opened(file: SourceFile) -> File[bytes]:
    try:
        return file.file.open("rb")
    except FileNotFoundError:
        raise Http404 from None


def send(
    request: HttpRequest, content: File[bytes], *, name: str, media_type: str, inline: bool
) -> HttpResponseBase:
    """Stream `content` with safe headers, in small pieces under ASGI too."""
    response: HttpResponseBase = FileResponse(
        content, filename=name, content_type=media_type, as_attachment=not inline
    )
    if is_live(request):  # Django itself would first read all of it into memory
        pieces = in_thread(_pieces(content))
        response = LiveResponse(pieces, headers=dict(response.items()))
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-cache"
    return response


def _pieces(content: File[bytes]) -> Generator[bytes]:
    with content:
        yield from content.chunks(CHUNK_BYTES)
