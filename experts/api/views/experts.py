"""Calls about experts: making, listing, changing and deleting them."""

from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework.exceptions import NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from experts.api.caller import caller
from experts.api.downloads import send
from experts.api.parsers import JSONObjectParser
from experts.api.schema import ID, describe, success
from experts.api.serializers.experts import (
    ExpertChangesSerializer,
    ExpertDetailSerializer,
    ExpertSerializer,
    NewExpertSerializer,
    progress_context,
)
from experts.api.serializers.queue import (
    CreatedExpertSerializer,
    FileProcessingSerializer,
    file_processing,
)
from experts.models import Expert
from experts.operations import (
    Refused,
    create_expert,
    delete_expert,
    resolve_files,
    update_expert,
)

LONGEST_KEY = 200  # characters
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    location=OpenApiParameter.HEADER,
    description="Any text of yours: the same key again gives the same expert, never a second one.",
)
CREATED = {
    "success": True,
    "expert": {"id": ID, "name": "Tax guide", "agent_id": "agent_0199f3a2"},
    "file_processing": {
        "files_selected": 1,
        "queued": True,
        "queue_position": 2,
        "task_id": "0199f3a2-7c2b-7e11-8f0a-2b9d4c6e8f10",
    },
}


class ExpertView(GenericAPIView[Expert]):
    """An expert of the caller's, by its id."""

    serializer_class = ExpertDetailSerializer
    lookup_url_kwarg = "expert_id"

    def get_queryset(self) -> Any:
        return Expert.objects.visible_to(self.request.user).select_related("progress")

    def shown(self, expert: Expert) -> Response:
        context = {**self.get_serializer_context(), **progress_context([expert])}
        body = ExpertDetailSerializer(expert, context=context).data
        return Response({"success": True, "expert": body})


class ExpertListView(ExpertView):
    parser_classes = (JSONObjectParser, MultiPartParser)

    @describe("List your experts", answer=ExpertSerializer(many=True))
    def get(self, request: Request) -> Response:
        page = self.paginate_queryset(self.get_queryset()) or []
        context = {**self.get_serializer_context(), **progress_context(page)}
        return self.get_paginated_response(ExpertSerializer(page, many=True, context=context).data)

    @describe(
        "Create an expert",
        description="Answers at once; its files are read in the queue. Poll its progress.",
        request=NewExpertSerializer,
        answer=success(
            "ExpertCreated",
            expert=CreatedExpertSerializer(),
            file_processing=FileProcessingSerializer(),
        ),
        status=201,
        failures=(400, 413, 415),
        parameters=[IDEMPOTENCY_KEY],
        request_example={"name": "Tax guide", "selected_files": [ID]},
        example=CREATED,
    )
    def post(self, request: Request) -> Response:
        serializer = NewExpertSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wishes = serializer.validated_data
        owner = caller(request)
        files = resolve_files(wishes.pop("selected_files"), owner=owner)
        made = create_expert(
            owner=owner, files=files, idempotency_key=idempotency_key(request), **wishes
        )
        body = {
            "success": True,
            "expert": CreatedExpertSerializer(made.expert).data,
            "file_processing": file_processing(made.expert, made.task, position=made.position),
        }
        return Response(body, status=201)


def idempotency_key(request: Request) -> str | None:
    """Raises Refused."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if len(key) > LONGEST_KEY or not key.isprintable():
        message = f"An Idempotency-Key has {LONGEST_KEY} printable characters at most."
        raise Refused("invalid_idempotency_key", message)
    return key or None


class ExpertDetailView(ExpertView):
    parser_classes = (JSONObjectParser, MultiPartParser)

    @describe(
        "Look at an expert",
        answer=success("Expert", expert=ExpertDetailSerializer()),
        failures=(404,),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        return self.shown(self.get_object())

    @describe(
        "Change an expert",
        description="What it is; what it knows changes by its files.",
        request=ExpertChangesSerializer(partial=True),
        answer=success("ExpertChanged", expert=ExpertDetailSerializer()),
        failures=(400, 404, 413, 415),
        request_example={"name": "Tax guide 2026", "persona": "Patient and exact."},
    )
    def patch(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        serializer = ExpertChangesSerializer(expert, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self.shown(update_expert(expert, **serializer.validated_data))

    @describe(
        "Delete an expert",
        description="Its files stay in your library.",
        answer=success("ExpertDeleted"),
        failures=(404,),
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        delete_expert(self.get_object())
        return Response({"success": True})


class ExpertAvatarView(ExpertView):
    @describe(
        "See an expert's picture",
        answer=OpenApiResponse(OpenApiTypes.BINARY, "A square WebP."),
        failures=(404, 503),
    )
    def get(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        avatar = self.get_object().avatar
        if not avatar:
            raise NotFound
        return send(request, avatar, name="avatar.webp", media_type="image/webp", inline=True)
