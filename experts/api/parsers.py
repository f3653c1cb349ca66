"""Reading JSON bodies: of a bounded size, and objects only."""

import io
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class JSONObjectParser(JSONParser):
    """DRF's own reads a body of any size and depth, and passes `[1]` on to the serializers."""

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        try:
            data = super().parse(self._bounded(stream), media_type, parser_context)
        except RecursionError:
            raise ParseError("The JSON is nested too deeply.") from None
        if not isinstance(data, dict):
            raise ParseError('Send a JSON object: {"name": …}.')
        return data

    def _bounded(self, stream: IO[bytes]) -> IO[bytes]:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise RequestDataTooBig("The JSON body is larger than DATA_UPLOAD_MAX_MEMORY_SIZE.")
        return io.BytesIO(body)
