"""Every reason has its sentence: what happened, then what to do."""

from pathlib import Path

import pytest

from experts.extraction.errors import SENTENCES, ErrorCode, ExtractionError
from experts.extraction.extraction import extract


@pytest.mark.parametrize("code", ErrorCode)
def test_every_code_has_a_sentence(code: ErrorCode) -> None:
    happened, remedy = SENTENCES[code].split(". ", 1)
    assert happened.startswith(("This", "Reading", "No text", "The text"))
    assert remedy.endswith(".")
    assert "!" not in SENTENCES[code]


def test_an_error_says_its_sentence_unless_it_knows_better() -> None:
    assert ExtractionError("empty").message == ErrorCode.EMPTY.sentence
    assert str(ExtractionError("empty", "Nothing in it.")) == "Nothing in it."


def test_only_the_codes_of_the_list_exist() -> None:
    with pytest.raises(ValueError, match="made_up"):
        ExtractionError("made_up")


def test_a_type_without_a_reader_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ExtractionError) as caught:
        list(extract(tmp_path, "image/gif"))
    assert caught.value.code == ErrorCode.UNSUPPORTED_TYPE
