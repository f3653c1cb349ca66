"""Text, blank, a scan or gibberish."""

import pytest

from experts.extraction.quality import Condition, condition_of, is_garbled, is_right_to_left

SENTENCE = "The inlet valve is closed first. "


@pytest.mark.parametrize(
    "raw",
    [
        "(cid:12)(cid:7)(cid:33) " * 9,
        "\ufffd\ufffd\ufffd abc " * 9,
        "\ue001\ue002\ue010 \ue044 ",
        "\x03\x04\x1b\x02\x11 a \x05\x06",
        "7KH LQOHW YDOYH LV FORVHG ILUVW DQG WKHQ WKH RXWOHW GXULQJ WKH ZLQWHU",
        "'HU 'HFNHO XQG GLH 'LFKWXQJ ZHUGHQ QDFK GHU 5HLQLJXQJ ZLHGHU HLQJHVHW]W",
    ],
)
def test_gibberish_is_recognised(raw: str) -> None:
    assert condition_of(raw) == Condition.GARBLED


@pytest.mark.parametrize(
    "raw",
    [
        SENTENCE,
        SENTENCE * 3 + "\ue001",  # a bullet from a symbol font
        SENTENCE + "see (cid:12)",
        "THE INLET VALVE AND THE OUTLET (TYPE LQJ, MODEL WKH) DURING THE WINTER",
        "本日は晴天なり。English и русский",
        "Σ∀x∈ℝ: x² ≥ 0",
    ],
)
def test_ordinary_text_is_text(raw: str) -> None:
    assert condition_of(raw) == Condition.TEXT


@pytest.mark.parametrize("raw", ["", " \n", "7", "- - -"])
def test_little_or_nothing_is_blank_unless_something_is_drawn(raw: str) -> None:
    assert condition_of(raw) == Condition.BLANK
    assert condition_of(raw, drawn=True) == Condition.NO_TEXT


def test_right_to_left_text_is_recognised_among_others() -> None:
    assert is_right_to_left("مرحبا بالعالم and hello")
    assert not is_right_to_left("The word مرحبا means hello, as everybody knows.")
    assert not is_garbled("")
