"""Calls about talking: searching, asking, looking back."""

from collections.abc import Generator
from contextlib import closing
from typing import Any

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from experts.api.caller import caller
from experts.api.negotiation import EventStreamRenderer
from experts.api.schema import ID, describe, success
from experts.api.serializers.chat import (
    AnswerSerializer,
    ConversationDetailSerializer,
    ConversationSerializer,
    HitSerializer,
    QuerySerializer,
    QuestionSerializer,
)
from experts.api.views.experts import ExpertView
from experts.chat.answering import Cited, Done, Token
from experts.event_stream import json_event, stream
from experts.models import Conversation, Expert
from experts.operations import Asking, ask, search_files
from experts.providers.base import ProviderError

HIT = {
    "passage_id": 17,
    "file_id": ID,
    "file_name": "tax-guide.pdf",
    "page": 12,
    "last_page": 12,
    "location": "Page 12",
    "text": "Coffee for guests is deductible in full.",
    "score": 0.93,
}
ANSWERED = {
    "success": True,
    "conversation_id": ID,
    "answer": {
        "text": "“Coffee for guests is deductible in full.” [1]",
        "grounded": True,
        "citations": [
            {
                "number": 1,
                **{key: value for key, value in HIT.items() if key != "score"},
                "highlights": [[0, 40]],
            }
        ],
        "notice": "",
    },
}


class ExpertSearchView(ExpertView):
    @describe(
        "Search an expert's files",
        description="By words and by meaning, best first.",
        request=QuerySerializer,
        answer=success("SearchResults", results=HitSerializer(many=True)),
        failures=(400, 404, 409),
        request_example={"query": "Is coffee deductible?", "limit": 5},
        example={"success": True, "results": [HIT]},
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        expert = self.get_object()
        serializer = QuerySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        hits: Any = search_files(expert, **serializer.validated_data)
        return Response({"success": True, "results": HitSerializer(hits, many=True).data})


class ExpertChatView(ExpertView):
    renderer_classes = (JSONRenderer, EventStreamRenderer)

    @describe(
        "Ask an expert",
        description=(
            "With `Accept: text/event-stream` the answer comes as server-sent events while it is"
            " made: `token` {text}, `citation` (as in the answer), at the end `done` with the"
            " conversation_id and the whole answer, or `error` {code, message}. The header"
            " `Conversation-Id` tells it from the beginning. Hang up to stop the answer: what came"
            " so far is kept."
        ),
        request=QuestionSerializer,
        answer={
            (200, "application/json"): success(
                "Answered", conversation_id=serializers.UUIDField(), answer=AnswerSerializer()
            ),
            (200, "text/event-stream"): OpenApiTypes.STR,
        },
        failures=(400, 404, 409, 503),
        request_example={"message": "Is coffee deductible?"},
        example=ANSWERED,
    )
    def post(self, request: Request, **kwargs: Any) -> HttpResponseBase:
        expert = self.get_object()
        asking = asked(expert, request)
        if request.accepted_renderer.format == EventStreamRenderer.format:
            response = stream(request._request, as_events(asking))
            response["Conversation-Id"] = str(asking.conversation.pk)  # also of a stopped answer
            return response
        done = next(event for event in asking.events if isinstance(event, Done))
        return Response({"success": True, **answered(asking, done)})


def asked(expert: Expert, request: Request) -> Asking:
    """Raises ValidationError, Http404 for an unknown conversation, Refused, NotReady."""
    serializer = QuestionSerializer(data=request.data)
    serializer.is_valid(raise_exception=True)
    user = caller(request)
    known = serializer.validated_data.get("conversation_id")
    conversation = known and get_object_or_404(conversations(expert, request), pk=known)
    return ask(expert, serializer.validated_data["message"], user=user, conversation=conversation)


def conversations(expert: Expert, request: Request) -> Any:
    return Conversation.objects.visible_to(request.user).filter(expert=expert)


def as_events(asking: Asking) -> Generator[bytes]:
    """The answer as it comes. No status can say any more that it failed: `error` does."""
    try:
        with closing(asking.events) as events:
            for event in events:
                match event:
                    case Token():
                        yield json_event("token", {"text": event.text})
                    case Cited():
                        yield json_event("citation", event.citation)
                    case Done():
                        yield json_event("done", answered(asking, event))
    except ProviderError as error:
        yield json_event("error", {"code": "provider_unavailable", "message": str(error)})


def answered(asking: Asking, done: Done) -> dict[str, Any]:
    return {
        "conversation_id": str(asking.conversation.pk),
        "answer": AnswerSerializer(done).data,
    }


class ConversationListView(ExpertView):
    @describe(
        "List your conversations with an expert",
        answer=ConversationSerializer(many=True),
        failures=(404,),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        page = self.paginate_queryset(conversations(self.get_object(), request))
        return self.get_paginated_response(ConversationSerializer(page, many=True).data)


class ConversationDetailView(ExpertView):
    def conversation(self) -> Conversation:
        """Raises Http404, for a conversation that somebody else has with this expert too."""
        known = conversations(self.get_object(), self.request).prefetch_related("messages")
        found: Conversation = get_object_or_404(known, pk=self.kwargs["conversation_id"])
        return found

    def shown(self, conversation: Any) -> Response:
        body = ConversationDetailSerializer(conversation).data
        return Response({"success": True, "conversation": body})

    @describe(
        "Read a conversation",
        answer=success("Conversation", conversation=ConversationDetailSerializer()),
        failures=(404,),
    )
    def get(self, request: Request, **kwargs: Any) -> Response:
        return self.shown(self.conversation())

    @describe(
        "Rename a conversation",
        request=ConversationSerializer(partial=True),
        answer=success("ConversationRenamed", conversation=ConversationDetailSerializer()),
        failures=(400, 404, 415),
        request_example={"title": "Coffee and the tax office"},
    )
    def patch(self, request: Request, **kwargs: Any) -> Response:
        conversation = self.conversation()
        serializer = ConversationSerializer(conversation, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        return self.shown(serializer.save())

    @describe(
        "Delete a conversation",
        description="With all that was said in it, for good.",
        answer=success("ConversationDeleted"),
        failures=(404,),
    )
    def delete(self, request: Request, **kwargs: Any) -> Response:
        self.conversation().delete()
        return Response({"success": True})
