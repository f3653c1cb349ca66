"""Calls about talking aloud: a person's, and the voice vendor's."""

import logging
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from experts.api.schema import ID, describe, success
from experts.api.serializers.voice import (
    SpokenCitationSerializer,
    TalkSerializer,
    VoiceQuerySerializer,
)
from experts.api.views.experts import ExpertView
from experts.models import Expert
from experts.operations import open_voice_session
from experts.operations.talks import check_secret, check_signature, keep_talk, search_aloud
from experts.providers.voice_secret import HEADER

logger = logging.getLogger(__name__)

ENDED = "post_call_transcription"
FOUND = {
    "success": True,
    "citations": [
        {
            "number": 1,
            "passage_id": 17,
            "file_id": ID,
            "file_name": "tax-guide.pdf",
            "page": 12,
            "last_page": 12,
            "location": "Page 12",
        }
    ],
    "text": "[1] tax-guide.pdf, Page 12: Coffee for guests is deductible in full.",
}


def header(name: str, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, location=OpenApiParameter.HEADER, required=True, description=description
    )


class VoiceSessionView(ExpertView):
    @describe(
        "Start to speak with an expert",
        description="Connect to `session_url` at once: it is signed and short-lived.",
        answer=success("VoiceSession", session_url=serializers.CharField()),
        failures=(404, 409, 503),
    )
    def post(self, request: Request, **kwargs: Any) -> Response:
        return Response({"success": True, "session_url": open_voice_session(self.get_object())})


class VendorView(APIView):
    """The vendor has no account here: it shows a secret or signs."""

    authentication_classes = ()
    permission_classes = ()


class VoiceSearchView(VendorView):
    @describe(
        "Search for a voice agent",
        description="Called by the agent's tool while somebody talks with it.",
        request=VoiceQuerySerializer,
        answer=success(
            "SpokenResults",
            citations=SpokenCitationSerializer(many=True),
            text=serializers.CharField(help_text="What the agent reads before it answers."),
        ),
        failures=(400, 404, 409),
        parameters=[header(HEADER, "The secret of this expert's agent.")],
        request_example={"expert_id": ID, "query": "Is coffee deductible?"},
        example=FOUND,
    )
    def post(self, request: Request) -> Response:
        serializer = VoiceQuerySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        wanted = serializer.validated_data
        check_secret(wanted["expert_id"], request.headers.get(HEADER, ""))
        experts = Expert.objects.select_related("progress")
        expert = get_object_or_404(experts, pk=wanted["expert_id"])
        found: Any = search_aloud(expert, wanted["query"])
        citations = SpokenCitationSerializer(found.citations, many=True).data
        return Response({"success": True, "citations": citations, "text": found.text})


class VoiceEventsView(VendorView):
    @describe(
        "Hear of a talk that has ended",
        description="ElevenLabs' post-call webhook. The talk joins the expert's conversations.",
        request=OpenApiTypes.OBJECT,
        answer=success("EventHeard"),
        failures=(400, 413),
        parameters=[header("ElevenLabs-Signature", "`t=…,v0=…`, over the bytes of the body.")],
    )
    def post(self, request: Request) -> Response:
        check_signature(request.body, request.headers.get("ElevenLabs-Signature", ""))
        event: Any = request.data
        if event.get("type") != ENDED:
            logger.info("Passing over an event of the voice vendor: %s", event.get("type"))
            return Response({"success": True})
        serializer = TalkSerializer(data=event.get("data"))
        serializer.is_valid(raise_exception=True)
        talk = serializer.validated_data
        keep_talk(
            agent_id=talk["agent_id"],
            call_id=talk["conversation_id"],
            began=talk["metadata"]["start_time_unix_secs"],
            seconds=talk["metadata"]["call_duration_secs"],
            turns=talk["transcript"],
        )
        return Response({"success": True})
