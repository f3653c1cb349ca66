"""Experts in JSON: what comes in to make one, what goes out."""

import json
from collections.abc import Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from experts.api.serializers.progress import ProgressSerializer
from experts.models import Expert, SourceFile
from experts.progress import progress_of_many

HIGHEST_PRIORITY = 100
MOST_FILES = 1000


class SelectedFilesField(serializers.ListField):
    """Ids of files. In a form the field is repeated, or holds one JSON list."""

    child = serializers.UUIDField(
        error_messages={"invalid": "“{value}” is not the id of a file. GET /files/ lists yours."}
    )

    def __init__(self, **kwargs: Any) -> None:
        messages: dict[str, Any] = {
            "required": "Say which files the expert learns from: GET /files/ lists yours.",
            "empty": "An expert learns from files. Select at least one.",
            "not_a_list": "Send a list of file ids.",
        }
        super().__init__(
            allow_empty=False, max_length=MOST_FILES, error_messages=messages, **kwargs
        )

    def to_internal_value(self, data: Any) -> Any:
        match data:
            case [str() as text] if text.startswith("["):
                return super().to_internal_value(self._loaded(text))
        return super().to_internal_value(data)

    def _loaded(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            self.fail("not_a_list", input_type="str")


class SelectionSerializer(serializers.Serializer[dict[str, Any]]):
    """Files to add to an expert or to take out."""

    selected_files = SelectedFilesField()


class ExpertChangesSerializer(serializers.ModelSerializer[Expert]):
    """What can be changed of an expert."""

    avatar = serializers.FileField(
        required=False,
        allow_null=True,
        help_text="JPEG, PNG, WebP or GIF, 10 MB at most, as multipart; null for none.",
    )

    class Meta:
        model = Expert
        fields: ClassVar = [
            "name",
            "description",
            "persona",
            "first_message",
            "language",
            "voice_id",
            "avatar",
        ]
        extra_kwargs: ClassVar = {
            "name": {
                "error_messages": {
                    "required": "Give the expert a name.",
                    "blank": "Give the expert a name.",
                }
            },
            "language": {"help_text": "A code such as en, de or pt-BR."},
        }


class NewExpertSerializer(ExpertChangesSerializer):
    """A new expert and the files it learns from."""

    selected_files = SelectedFilesField()
    priority = serializers.IntegerField(
        default=0,
        min_value=-HIGHEST_PRIORITY,
        max_value=HIGHEST_PRIORITY,
        help_text="Higher is processed first; within one priority, first in, first out.",
    )

    class Meta(ExpertChangesSerializer.Meta):
        fields: ClassVar = [*ExpertChangesSerializer.Meta.fields, "selected_files", "priority"]


class SelectedFileSerializer(serializers.ModelSerializer[SourceFile]):
    """A file as its expert lists it."""

    class Meta:
        model = SourceFile
        fields: ClassVar = ["id", "name", "status", "error_code", "error_message", "warnings"]


class ExpertSerializer(serializers.ModelSerializer[Expert]):
    """An expert in a list. `progress` comes from the view: one reading serves the whole page."""

    avatar = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta:
        model = Expert
        fields: ClassVar = [
            "id",
            "name",
            "description",
            "persona",
            "first_message",
            "language",
            "voice_id",
            "avatar",
            "agent_id",
            "agent_status",
            "progress",
            "created_at",
            "updated_at",
        ]

    @extend_schema_field(serializers.URLField(allow_null=True))
    def get_avatar(self, expert: Expert) -> str | None:
        if not expert.avatar:
            return None
        request: Request = self.context["request"]
        return reverse("api:expert-avatar", [expert.pk], request=request)

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, expert: Expert) -> Any:
        return self.context["progress"].get(expert.pk)


class ExpertDetailSerializer(ExpertSerializer):
    """An expert with its files, in their order."""

    files = SelectedFileSerializer(source="ordered_files", many=True, read_only=True)

    class Meta(ExpertSerializer.Meta):
        fields: ClassVar = [*ExpertSerializer.Meta.fields, "files"]


def progress_context(experts: Sequence[Expert]) -> dict[str, Any]:
    """What ExpertSerializer needs to know about all experts of a page."""
    return {"progress": progress_of_many([expert.pk for expert in experts])}
