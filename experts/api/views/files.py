"""Calls about the files of a library."""

from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, inline_serializer
from rest_framework import serializers
from rest_framework.generics import GenericAPIView, ListAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from experts.api.caller import caller
from experts.api.downloads import download
from experts.api.errors import envelope, status_of
from experts.api.schema import ID, describe, success
from experts.api.serializers.files import FileSerializer, PageTextSerializer, UploadSerializer
from experts.models import SourceFile
from experts.operations import Refused, Upload, delete_file, retry_file, upload_file
from experts.operations.files import too_large

Outcome = Upload | Refused

EXAMPLE = {
    "id": ID,
    "name": "tax-guide.pdf",
    "size": 482_113,
    "media_type": "application/pdf",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "status": "pending",
}


class FileView(GenericAPIView[SourceFile]):
    """A file of the caller's, by its id."""

    serializer_class = FileSerializer
    lookup_url_kwarg = "file_id"

    def get_queryset(self) -> Any:
        return SourceFile.objects.visible_to(self.request.user).with_passage_count()

    def answer(self) -> Response:
        return Response({"success": True, "file": self.get_serializer(self.get_object()).data})


class FileListView(FileView, ListAPIView[SourceFile]):
    parser_classes = (MultiPartParser,)

    @describe("List your files", answer=FileSerializer(many=True))
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)

    @describe(
        "Upload files",
        description=(
            "Each part named `file` is one file. A refused file is listed with its `error` and the"
            " others stand; when all are refused, the status is the first one's. The same bytes"
            " twice are one file."
        ),
        request={
            "multipart/form-data": inline_serializer(
                "UploadForm", {"file": serializers.ListField(child=serializers.FileField())}
            )
        },
        answer=success("UploadedFiles", files=UploadSerializer(many=True)),
        status=201,
        failures=(400, 413, 415),
        example={"success": True, "files": [{**EXAMPLE, "duplicate": False}]},
    )
    def post(self, request: Request) -> Response:
        outcomes = outcomes_of(request)
        files = [as_json(name, outcome) for name, outcome in outcomes]
        refusals = [outcome for _, outcome in outcomes if isinstance(outcome, Refused)]
        if len(refusals) < len(outcomes):
            return Response({"success": True, "files": files}, status=201)
        body = envelope(refusals[0].code, refusals[0].message, files=files)
        return Response(body, status=status_of(refusals[0]))


def outcomes_of(request: Request) -> list[tuple[str, Outcome]]:
    """What became of each file, under the name it was sent with. Raises Refused."""
    uploads = request.FILES.getlist("file")
    oversized = request.META.get("upload.too_large", [])  # stopped on their way
    check_number(len(uploads) + len(oversized))
    arrived = [(upload.name or "", outcome_of(upload, request)) for upload in uploads]
    return arrived + [(name, too_large()) for name in oversized]


def check_number(count: int) -> None:
    """Raises Refused."""
    most = settings.MAX_FILES_PER_UPLOAD
    if count == 0:
        raise Refused("no_file", "Send at least one file, in a multipart part named `file`.")
    if count > most:
        raise Refused("too_many_files", f"Send {most} files at most in one request.")


def outcome_of(upload: UploadedFile[Any], request: Request) -> Outcome:
    try:
        return upload_file(upload, owner=caller(request))
    except Refused as refusal:
        return refusal


def as_json(name: str, outcome: Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"name": name, "error": {"code": outcome.code, "message": outcome.message}}
    return dict(UploadSerializer(outcome).data)


class FileDetailView(FileView):
    @describe("Look at a file", answer=success("File", file=FileSerializer()), failures=(404,))
    def get(self, request: Request, **kwargs: Any) -> Response:
        return self.answer()

    @describe(
        "Delete a file",
        description="At once for every reader: no expert knows or cites it any more.",
        answer=success("FileDeleted"),
        failures=(404,),
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        delete_file(self.get_object())
        return Response({"success": True})


class FileRetryView(FileView):
    @describe(
        "Read a file again that could not be read",
        answer=success("FileRetried", file=FileSerializer()),
        failures=(404, 409),
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        retry_file(self.get_object())
        return self.answer()


class FileContentView(FileView):
    @describe(
        "Download a file",
        answer=OpenApiResponse(OpenApiTypes.BINARY, "The bytes as they were uploaded."),
        parameters=[
            OpenApiParameter(
                "inline", bool, description="Show PDF, images and text in the browser."
            )
        ],
        failures=(404, 503),
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        inline = request.query_params.get("inline", "").lower() in ("1", "true")
        return download(request, self.get_object(), inline=inline)


class FileTextView(FileView):
    @describe(
        "Read a file's text as it was read",
        answer=success("FileText", pages=PageTextSerializer(many=True)),
        failures=(404,),
        example={
            "success": True,
            "pages": [{"page": 1, "location": "Page 1", "text": "Deduct the coffee."}],
        },
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        pages = PageTextSerializer(self.get_object().source_pages.all(), many=True)
        return Response({"success": True, "pages": pages.data})
