"""Uploads as they arrive: the size limit holds while bytes stream in, not after."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile


class LimitedUploadHandler(FileUploadHandler):
    """Stops reading a file that passes MAX_UPLOAD_BYTES, whatever size the client declared.

    The file is skipped, its name is kept in `request.META["upload.too_large"]`, and the other
    files of the request stand.
    """

    received: int

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.received += len(raw_data)
        if self.received > settings.MAX_UPLOAD_BYTES:
            assert self.request is not None
            self.request.META.setdefault("upload.too_large", []).append(self.file_name)
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
