"""Progress in JSON, described; experts.progress makes it."""

from typing import Any

from rest_framework import serializers

from experts.models import ExpertProcessingProgress


class FindingSerializer(serializers.Serializer[dict[str, Any]]):
    """What should be known of a file: why it failed, or which of its pages hold no text."""

    file_id = serializers.UUIDField()
    file_name = serializers.CharField()
    code = serializers.CharField()
    message = serializers.CharField()
    pages = serializers.ListField(child=serializers.IntegerField())


class DetailsSerializer(serializers.Serializer[dict[str, Any]]):
    """The message is always there, the counters while processing; null is "not known yet"."""

    message = serializers.CharField()
    stage_percentage = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=100
    )
    current_file = serializers.IntegerField(required=False, allow_null=True)
    total_files = serializers.IntegerField(required=False, allow_null=True)
    file_name = serializers.CharField(required=False, allow_null=True)
    current_page = serializers.IntegerField(required=False, allow_null=True)
    total_pages = serializers.IntegerField(required=False, allow_null=True)
    current_row = serializers.IntegerField(
        required=False, allow_null=True, help_text="Of sheets and separated values."
    )
    total_rows = serializers.IntegerField(required=False, allow_null=True)
    current_batch = serializers.IntegerField(required=False, allow_null=True)
    total_batches = serializers.IntegerField(required=False, allow_null=True)
    current_chunk = serializers.IntegerField(required=False, allow_null=True)
    total_chunks = serializers.IntegerField(required=False, allow_null=True)
    warnings = FindingSerializer(many=True, required=False, allow_null=True)


class ProgressSerializer(serializers.Serializer[dict[str, Any]]):
    """Where an expert's processing stands."""

    stage = serializers.ChoiceField(choices=ExpertProcessingProgress.Stage.choices)
    status = serializers.ChoiceField(choices=ExpertProcessingProgress.Status.choices)
    queue_position = serializers.IntegerField(
        allow_null=True, help_text="1 is next; null when it does not wait in the line."
    )
    task_id = serializers.UUIDField(allow_null=True)
    progress_percentage = serializers.IntegerField(min_value=0, max_value=100)
    details = DetailsSerializer()
    eta_seconds = serializers.IntegerField(
        allow_null=True, help_text="Null when there is nothing to estimate from."
    )
    eta_range_seconds = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, min_length=2, max_length=2
    )
    retry_at = serializers.DateTimeField(
        allow_null=True, help_text="When a processing that met an obstacle is tried again."
    )
    worker_online = serializers.BooleanField(help_text="False: nothing moves until one starts.")
    updated_at = serializers.DateTimeField()
