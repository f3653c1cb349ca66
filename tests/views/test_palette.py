"""The colours of the stylesheet: readable in both themes (WCAG 2.2, 1.4.3 and 1.4.11)."""

import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parents[2] / "static/app.css").read_text()
COLOURS = {
    name: themes
    for name, *themes in re.findall(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
}
TEXT = [
    *((colour, ground) for colour in ("text", "muted", "accent") for ground in ("page", "card")),
    ("muted", "sunken"),
    ("accent-text", "accent"),
    ("accent-text", "accent-strong"),
    ("accent", "accent-tint"),
    ("text", "accent-tint"),
    ("text", "mark"),
    ("text", "queued-tint"),
    ("text", "failed-tint"),
    *((tone, "card") for tone in ("queued", "working", "ready", "failed", "idle")),
    *((tone, f"{tone}-tint") for tone in ("queued", "working", "ready", "failed", "idle")),
]
CONTROLS = [("control-line", "card"), ("control-line", "page"), ("control-line", "sunken")]


def luminance(colour: str) -> float:
    """Relative luminance, 0 to 1, of "#rrggbb"."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str, theme: int) -> float:
    lighter, darker = sorted(
        (luminance(COLOURS[one][theme]), luminance(COLOURS[other][theme])), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("colour", "ground"), TEXT)
def test_text_can_be_read(colour: str, ground: str, theme: int) -> None:
    assert contrast(colour, ground, theme) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("colour", "ground"), CONTROLS)
def test_controls_can_be_seen(colour: str, ground: str, theme: int) -> None:
    assert contrast(colour, ground, theme) >= 3
