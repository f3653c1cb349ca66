"""Files in JSON."""

from typing import Any, ClassVar

from rest_framework import serializers

from experts.models import SourceFile, SourcePage
from experts.operations import Upload


class UploadSerializer(serializers.Serializer[Upload]):
    """A file that an upload put into the library, or found there."""

    id = serializers.UUIDField(source="file.pk")
    name = serializers.CharField(source="file.name")
    size = serializers.IntegerField(source="file.size", help_text="Bytes.")
    media_type = serializers.CharField(source="file.media_type", help_text="By content.")
    sha256 = serializers.CharField(source="file.sha256")
    status = serializers.ChoiceField(source="file.status", choices=SourceFile.Status.choices)
    duplicate = serializers.BooleanField(
        help_text="The same bytes were in your library before; this is that file."
    )


class WarningSerializer(serializers.Serializer[dict[str, Any]]):
    code = serializers.CharField()
    message = serializers.CharField()
    pages = serializers.ListField(child=serializers.IntegerField())


class FileSerializer(serializers.ModelSerializer[SourceFile]):
    """A file of the library."""

    passages = serializers.IntegerField(
        source="passage_count", read_only=True, help_text="How many passages it was split into."
    )
    warnings = WarningSerializer(many=True, read_only=True)

    class Meta:
        model = SourceFile
        fields: ClassVar = [
            "id",
            "name",
            "size",
            "media_type",
            "sha256",
            "status",
            "pages",
            "passages",
            "error_code",
            "error_message",
            "warnings",
            "created_at",
        ]


class PageTextSerializer(serializers.ModelSerializer[SourcePage]):
    """A page's text as it was read."""

    page = serializers.IntegerField(source="number")

    class Meta:
        model = SourcePage
        fields: ClassVar = ["page", "location", "text"]
