"""The one error that comes out of an operation."""


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
