"""Where stored objects lie: this site's own folders, by which it tells them from another's."""

from datetime import UTC, datetime
from typing import Any

from experts.models.site import site_mark


def place_of_file(file: Any, name: str) -> str:
    """ "files/<mark>/2026/11/<name>"."""
    return f"files/{site_mark()}/{datetime.now(UTC):%Y/%m}/{name}"


def place_of_avatar(expert: Any, name: str) -> str:
    """ "avatars/<mark>/<name>"."""
    return f"avatars/{site_mark()}/{name}"


def folders() -> tuple[str, str]:
    """All that is below them is this site's."""
    return f"files/{site_mark()}", f"avatars/{site_mark()}"
