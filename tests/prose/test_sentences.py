"""Sentences: where one ends, and where it only looks like it."""

import pytest

from experts.prose.sentences import sentences


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@pytest.mark.parametrize(
    "text",
    [
        "One ends here. | Another begins! | Does it? | Yes… | It does.",
        "He said “Stop.” | Then he left. | (It was late.) | Good.",
        "第一句话。|第二句话！|第三句话？",
        "هذا سؤال؟ | وهذا جواب.",
        "यह पहला है। | यह दूसरा है।",
        "It costs 3.50 euros. | That is 5.2 percent.",
        "Dr. Smith met J. K. Rowling at No. 5, see Fig. 3 and p. 12. | They talked.",
        "Es gibt z. B. Äpfel, u. a. rote. | Und Birnen.",
        "Use e.g. a valve. | Or two.",
        "The file is called a.b.txt and yahoo! is a name. | Next.",
        "Send SELECT … FOR UPDATE once. | He ... Well, he left... | Then he came.",
        "He was born in 1950. | She was not.",
        "¿Qué pasó? | ¡Nada!",
    ],
)
def test_it_knows_where_a_sentence_ends(text: str) -> None:
    parts = [part.strip() for part in text.split("|")]
    assert found(text.replace("| ", "").replace("|", "")) == parts


def test_a_printed_line_is_not_a_sentence() -> None:
    text = "The pump of the second station was\nserviced in the spring of the year."
    assert found(text) == [text]


def test_lines_of_their_own_are() -> None:
    text = "Title\n\nSome text here that fills\na line or two of it.\n"
    text += "- an item\n2. Another item\na\tb. C"
    assert found(text) == [
        "Title",
        "Some text here that fills\na line or two of it.",
        "- an item",
        "2. Another item",
        "a\tb. C",
    ]


def test_a_short_line_in_print_is_a_heading() -> None:
    text = (
        "1 Introduction\nThis text is as wide as the column that it\nwas printed in, more or less."
    )
    assert found(text)[0] == "1 Introduction"


def test_it_covers_everything() -> None:
    text = "  One. Two…\n\n\tThree |x|y| 。 ! ? . .. ...  "
    assert "".join("".join(found(text)).split()) == "".join(text.split())
