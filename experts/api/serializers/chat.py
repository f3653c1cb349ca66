"""Questions, answers and conversations in JSON."""

from typing import Any, ClassVar

from rest_framework import serializers

from experts.models import Conversation, Message
from experts.operations.chat import LONGEST_QUESTION
from experts.retrieval.search import Hit

LAST_PAGE = "The next page, where a sentence of the passage runs over to it; else the same."


class QuerySerializer(serializers.Serializer[dict[str, Any]]):
    """A search in an expert's files."""

    query = serializers.CharField(max_length=2000)
    limit = serializers.IntegerField(default=5, min_value=1, max_value=50)


class HitSerializer(serializers.Serializer[Hit]):
    """A passage that was found, best first."""

    passage_id = serializers.IntegerField(source="passage.pk")
    file_id = serializers.UUIDField(source="passage.source_file_id")
    file_name = serializers.CharField(source="passage.source_file.name")
    page = serializers.IntegerField(source="passage.page")
    last_page = serializers.IntegerField(source="passage.last_page", help_text=LAST_PAGE)
    location = serializers.CharField(
        source="passage.location", help_text="The page in words: “Slide 3”."
    )
    text = serializers.CharField(source="passage.text")
    score = serializers.FloatField(help_text="Orders the hits of this search, nothing else.")


class QuestionSerializer(serializers.Serializer[dict[str, Any]]):
    """A question, in a new conversation or in one that goes on."""

    message = serializers.CharField(max_length=LONGEST_QUESTION)
    conversation_id = serializers.UUIDField(required=False, allow_null=True)


class CitedPlaceSerializer(serializers.Serializer[dict[str, Any]]):
    """Where a passage stands, under the number by which the text cites it."""

    number = serializers.IntegerField()
    passage_id = serializers.IntegerField()
    file_id = serializers.UUIDField()
    file_name = serializers.CharField()
    page = serializers.IntegerField()
    last_page = serializers.IntegerField(required=False, help_text=LAST_PAGE)
    location = serializers.CharField(help_text="The page in words: “Slide 3”.")


class CitationSerializer(CitedPlaceSerializer):
    """A passage under the number by which the text cites it: [1]."""

    text = serializers.CharField()
    highlights = serializers.ListField(
        child=serializers.ListField(child=serializers.IntegerField(), min_length=2, max_length=2),
        help_text="[start, end] of the sentences in `text` that matter.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    """An answer. Not `grounded`: the files do not hold it, and the text says so."""

    text = serializers.CharField()
    grounded = serializers.BooleanField()
    citations = CitationSerializer(many=True)
    notice = serializers.CharField(
        allow_blank=True, help_text="What was away and made up for; empty when nothing was."
    )


class MessageSerializer(serializers.ModelSerializer[Message]):
    """What one side said."""

    citations = CitationSerializer(many=True)

    class Meta:
        model = Message
        fields: ClassVar = ["id", "role", "text", "grounded", "citations", "notice", "created_at"]


class ConversationSerializer(serializers.ModelSerializer[Conversation]):
    """A conversation; its title is its first question, until somebody renames it."""

    class Meta:
        model = Conversation
        fields: ClassVar = ["id", "title", "created_at"]
        extra_kwargs: ClassVar = {
            "title": {"error_messages": {"blank": "Give the conversation a title."}}
        }


class ConversationDetailSerializer(ConversationSerializer):
    """A conversation with all that was said, in order."""

    messages = MessageSerializer(many=True)

    class Meta(ConversationSerializer.Meta):
        fields: ClassVar = [*ConversationSerializer.Meta.fields, "messages"]
