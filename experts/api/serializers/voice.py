"""What passes between the voice vendor and us."""

from typing import Any

from rest_framework import serializers

from experts.api.serializers.chat import CitedPlaceSerializer


class VoiceQuerySerializer(serializers.Serializer[dict[str, Any]]):
    """What an agent wants to know, for somebody who waits."""

    expert_id = serializers.UUIDField()
    query = serializers.CharField(max_length=2000)


class SpokenCitationSerializer(CitedPlaceSerializer):
    """Where a passage in the text stands; its number is before it there."""


class TalkTimesSerializer(serializers.Serializer[dict[str, Any]]):
    """When a talk began, and how long it was."""

    start_time_unix_secs = serializers.IntegerField(min_value=0, max_value=2**33)
    call_duration_secs = serializers.IntegerField(min_value=0, max_value=10**6, default=0)


class TalkSerializer(serializers.Serializer[dict[str, Any]]):
    """What is needed of a talk that has ended; the vendor tells more."""

    agent_id = serializers.CharField(max_length=128)
    conversation_id = serializers.CharField(max_length=128)
    transcript = serializers.ListField(child=serializers.DictField())
    metadata = TalkTimesSerializer()
