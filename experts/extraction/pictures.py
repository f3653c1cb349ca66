"""Pictures inside documents: their words where text recognition is installed, else a mark.

People paste scanned pages into letters and slides. What looks like one and could not be read is
marked in the text, so that the page is named to its reader; logos and photographs are not.
"""

import io
from itertools import accumulate

from PIL import Image, ImageOps

from experts.extraction import ocr
from experts.extraction.archives import Archive
from experts.extraction.pages import PICTURE
from experts.extraction.quality import has_letters

FORMATS = ["PNG", "JPEG", "TIFF", "WEBP", "GIF", "BMP"]
MAX_PIXELS = 100_000_000  # of one picture: A3 at 600 dpi has 70 million
LARGEST = 64 << 20  # bytes of a picture's file
MOST_READ = 300  # pictures of one document
SMALLEST = 100, 20  # pixels, the longer side and the shorter: less holds no words
PAGE = 600, 300  # pixels from which on it may be a page of text
BRIGHT = 150  # of 255, the median of a page of text: paper, even in a shadow
DULL = 60  # of 255, the median saturation of paper
INK, LEAST_INK = 0.9, 0.01  # of the paper's brightness, and of the area, which is darker
THUMBNAIL = 200  # pixels; enough to see paper
DAMAGED = (OSError, ValueError, SyntaxError, EOFError)  # what Pillow raises for it


class Pictures:
    """The pictures of one document by their names in its archive; each is looked at once."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: dict[str, str] = {}
        self._read = 0

    def words_of(self, name: str) -> str:
        """What a picture says; PICTURE for one that seems to say something, else nothing."""
        if name not in self._known:
            self._known[name] = self._look_at(name)
        return self._known[name]

    def _look_at(self, name: str) -> str:
        if name not in self._archive.names or self._archive.size(name) > LARGEST:
            return ""
        picture = opened(self._archive.read(name, at_most=LARGEST))
        if picture is None:
            return ""
        text = ""
        if ocr.is_installed() and self._read < MOST_READ:
            self._read += 1
            text = ocr.recognised(picture)
        if has_letters(text):
            return text
        return PICTURE if looks_written(picture) else ""


def opened(data: bytes) -> Image.Image | None:
    """A picture that may hold words, upright; None for what is too small, too large or damaged."""
    try:
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        if picture.width * picture.height > MAX_PIXELS or not reaches(picture, SMALLEST):
            return None
        return upright(picture)
    except (*DAMAGED, Image.DecompressionBombError):
        return None


def upright(picture: Image.Image) -> Image.Image:
    """As it is meant to be seen: turned as the camera was, and what is transparent on white.

    No larger than OCR wants it, which comes first, for memory's sake. Raises what is in DAMAGED.
    """
    picture.draft("RGB", (ocr.SIDE, ocr.SIDE))  # a large JPEG is decoded small
    transparent = picture.mode in ("P", "LA", "PA", "RGBA")
    shown = picture.convert("RGBA" if transparent else "RGB")
    shown.thumbnail((ocr.SIDE, ocr.SIDE))
    shown = ImageOps.exif_transpose(shown)
    if transparent:
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    return shown


def reaches(picture: Image.Image, sides: tuple[int, int]) -> bool:
    """Whether the longer and the shorter side have so many pixels."""
    longer, shorter = max(picture.size), min(picture.size)
    return longer >= sides[0] and shorter >= sides[1]


def looks_written(picture: Image.Image) -> bool:
    """Whether it may be a page of text: large, and mostly paper with something on it."""
    if not reaches(picture, PAGE):
        return False
    small = picture.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    _, saturation, value = small.convert("HSV").split()
    paper = median(value)
    inked = sum(value.histogram()[: int(INK * paper)]) / (value.width * value.height)
    return paper >= BRIGHT and median(saturation) <= DULL and inked >= LEAST_INK


def median(band: Image.Image) -> int:
    """Of the values of all pixels, 0 to 255."""
    counts = list(accumulate(band.histogram()))
    return next(value for value, count in enumerate(counts) if 2 * count >= counts[-1])
