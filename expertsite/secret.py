"""The secret key of a copy on somebody's own machine: made once, kept in the data directory."""

import os
from pathlib import Path

from django.core.management.utils import get_random_secret_key


def local_secret_key(directory: Path) -> str:
    """Return the key in `directory`, making it first. Safe when several processes start at once."""
    path = directory / "secret_key"
    directory.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        draft = directory / f"secret_key.{os.getpid()}"
        draft.touch(mode=0o600)
        draft.write_text(get_random_secret_key())
        try:
            os.link(draft, path)  # the first wins; everybody reads what it wrote
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
