"""The one error that comes out of an operation."""

from collections.abc import Iterator
from contextlib import contextmanager

from experts.providers.base import ProviderError
from experts.providers.files import storage_errors


class Refused(Exception):
    """The operation was not done, and nothing of it is left behind.

    `code` is stable, for programs; the message says to a person what to do; `fields` puts
    sentences beside the inputs they are about.
    """

    def __init__(self, code: str, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fields = fields or {}


@contextmanager
def stored_or_refused(field: str) -> Iterator[None]:
    """Around a write to the storage: what keeps it from being kept is said beside the field."""
    try:
        with storage_errors():
            yield
    except ProviderError as error:
        message = f"{error} This was not kept: send it again in a while."
        raise Refused("storage_unavailable", message, fields={field: message}) from error
