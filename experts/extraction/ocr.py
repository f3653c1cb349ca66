"""Text recognition (OCR), where it is installed: `pip install -r requirements-ocr.txt`.

The models come with the package. They read printed Latin, Chinese and Japanese text.
"""

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from experts.extraction.limits import allow_ocr_memory

if TYPE_CHECKING:
    from PIL.Image import Image

ENGINE = "rapidocr"
SIDE = 2_000  # pixels of the longer side: letters of an A4 page at 170 dpi stay legible
THREADS = 2  # of one reading process
SAME_LINE = 0.5  # of a box's height: what is closer to the one before stands beside it


_calls: list[Callable[[], None]] = []


def before_each(call: Callable[[], None]) -> None:
    """Have something done before every picture that is recognised from here on."""
    _calls.append(call)


@cache
def is_installed() -> bool:
    return find_spec(ENGINE) is not None


def recognised(picture: "Image") -> str:
    """The text of an upright picture, line by line; empty where OCR is not installed.

    Measured on two busy cores: 1.3 s for the models; a recipe 3 to 6 s and 650 MB resident, 1.4 GB
    of address space; an A4 page of 95 full lines 35 s and 1.2 GB resident.
    """
    if not is_installed():
        return ""
    import numpy as np

    for call in _calls:
        call()
    picture = picture.convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    found = _engine()(np.asarray(picture)[:, :, ::-1])  # it wants blue first
    return "" if found.txts is None else _lines(found.boxes, found.txts)


@cache
def _engine() -> Any:
    allow_ocr_memory()
    from rapidocr import RapidOCR

    return RapidOCR(
        params={
            "Global.log_level": "critical",
            "EngineConfig.onnxruntime.intra_op_num_threads": THREADS,
        }
    )


def _lines(boxes: Any, texts: tuple[str, ...]) -> str:
    """The boxes come from top to bottom; those at one height are one line, from left to right.

    A box is four corners (x, y) in pixels, clockwise from the upper left.
    """
    lines: list[list[tuple[float, str]]] = []
    middle = float("-inf")
    for box, text in zip(boxes, texts, strict=True):
        top, bottom = float(box[0][1]), float(box[2][1])
        if not lines or abs((top + bottom) / 2 - middle) > SAME_LINE * (bottom - top):
            lines.append([])
            middle = (top + bottom) / 2
        lines[-1].append((float(box[0][0]), text))
    return "\n".join(" ".join(text for _, text in sorted(line)) for line in lines)
