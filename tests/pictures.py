"""Small pictures, made when needed."""

import io

from PIL import Image


def picture(kind: str = "PNG", *, size: tuple[int, int] = (40, 30)) -> bytes:
    """A picture of one colour in the format `kind`."""
    encoded = io.BytesIO()
    Image.new("RGB", size, "teal").save(encoded, kind)
    return encoded.getvalue()
