"""Calls about the processing of an expert's files: watching it, steering it."""

import hashlib
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from experts.api.caller import caller
from experts.api.negotiation import EventStreamRenderer, NotLive
from experts.api.schema import ID, describe, success
from experts.api.serializers.experts import ExpertDetailSerializer, SelectionSerializer
from experts.api.serializers.progress import ProgressSerializer
from experts.api.serializers.queue import FileProcessingSerializer, file_processing
from experts.api.views.experts import ExpertView
from experts.event_stream import is_live, json_event
from experts.live import live_response
from experts.models import Expert, SourceFile
from experts.operations import (
    add_files,
    cancel_processing,
    remove_files,
    reprocess,
    resolve_files,
)
from experts.progress import progress_of
from queueing.models import ProcessingTask

PROGRESS = {
    "stage": "queued",
    "status": "pending",
    "queue_position": 2,
    "task_id": ID,
    "progress_percentage": 0,
    "details": {"message": "Waiting in queue for processing"},
    "eta_seconds": 240,
    "eta_range_seconds": [180, 300],
    "retry_at": None,
    "worker_online": True,
    "updated_at": "2026-11-23T17:20:00+00:00",
}


class ExpertProgressView(ExpertView):
    @describe(
        "Follow an expert's processing",
        description="Send the ETag back as If-None-Match: 304 while nothing changed.",
        answer=success("Progress", progress=ProgressSerializer()),
        failures=(404,),
        example={"success": True, "progress": PROGRESS},
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        body = {"success": True, "progress": progress_of(self.get_object())}
        rendered = JSONRenderer().render(body)
        etag = f'"{hashlib.sha256(rendered).hexdigest()[:32]}"'
        response = HttpResponse(
            rendered,
            content_type="application/json",
            headers={"ETag": etag, "Cache-Control": "private, no-cache"},
        )
        return get_conditional_response(request._request, etag=etag, response=response) or response


class ExpertEventsView(ExpertView):
    renderer_classes = (EventStreamRenderer,)

    @describe(
        "Be told of an expert's progress",
        description=(
            "Server-sent events named `progress`, each with the progress object: the state as it"
            " is, then every change. `deleted` ends the stream of an expert that is gone."
        ),
        answer=OpenApiResponse(OpenApiTypes.STR, "text/event-stream"),
        failures=(404, 406),
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        expert: Expert = self.get_object()
        if not is_live(request._request):
            raise NotLive
        return live_response(
            [expert.pk],
            lambda _, progress: json_event("progress" if progress else "deleted", progress),
        )


class ExpertFilesView(ExpertView):
    @describe(
        "Let an expert learn from more files",
        description="It keeps talking from what it knows meanwhile.",
        request=SelectionSerializer,
        answer=success("FilesAdded", file_processing=FileProcessingSerializer()),
        failures=(400, 404),
        request_example={"selected_files": [ID]},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        return queued_answer(expert, add_files(expert, selected_files(request, request.data)))

    @describe(
        "Take files out of an expert's selection",
        description="At once. The ids may stand in the body too, as for adding.",
        answer=success("FilesRemoved", expert=ExpertDetailSerializer()),
        failures=(400, 404),
        parameters=[
            OpenApiParameter("selected_files", OpenApiTypes.UUID, many=True, required=True)
        ],
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        remove_files(expert, selected_files(request, request.data or request.query_params))
        return self.shown(expert)


def selected_files(request: Request, data: Any) -> list[SourceFile]:
    """Raises ValidationError and Refused."""
    serializer = SelectionSerializer(data=data)
    serializer.is_valid(raise_exception=True)
    return resolve_files(serializer.validated_data["selected_files"], owner=caller(request))


def queued_answer(expert: Expert, task: ProcessingTask) -> Response:
    position = ProcessingTask.objects.positions([task.pk]).get(task.pk)
    body = file_processing(expert, task, position=position)
    return Response({"success": True, "file_processing": body})


class ExpertCancelView(ExpertView):
    @describe(
        "Cancel an expert's processing",
        description="At once while it waits, within seconds while it runs.",
        answer=success("Cancelled", progress=ProgressSerializer()),
        failures=(404, 409),
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        cancel_processing(expert)
        return Response({"success": True, "progress": progress_of(expert)})


class ExpertReprocessView(ExpertView):
    @describe(
        "Process an expert's files once more",
        description="Files that failed are tried again; what is read is not read twice.",
        answer=success("Reprocessing", file_processing=FileProcessingSerializer()),
        failures=(404,),
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        return queued_answer(expert, reprocess(expert))
