"""Avatars: whatever arrives is decoded and drawn anew, so only pixels are kept."""

import io

from django.core.files.base import ContentFile, File
from PIL import Image, ImageOps, UnidentifiedImageError

from experts.operations.refusals import Refused

SIDE = 512  # pixels; pages show 96 at most, on dense screens three times that
MOST_BYTES = 10 * 1024**2
MOST_PIXELS = 50_000_000  # a phone's photograph; above it a small file can fill the memory
FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]


def encode_avatar(upload: File[bytes]) -> ContentFile[bytes]:
    """The picture as a square WebP without its metadata. Raises Refused `invalid_avatar`."""
    if upload.size > MOST_BYTES:
        raise _refusal("The picture is larger than 10 MB. Choose a smaller one.")
    try:
        return _drawn_anew(upload)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise _refusal(
            "This picture cannot be read. Save it as JPEG or PNG and try again."
        ) from None


def _drawn_anew(upload: File[bytes]) -> ContentFile[bytes]:
    upload.seek(0)
    with Image.open(upload, formats=FORMATS) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise _refusal("The picture has too many pixels. Choose a smaller one.")
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
        square = ImageOps.fit(upright, (SIDE, SIDE))
    encoded = io.BytesIO()
    square.save(encoded, "WEBP", quality=85)
    return ContentFile(encoded.getvalue())


def _refusal(message: str) -> Refused:
    return Refused("invalid_avatar", message, fields={"avatar": message})
