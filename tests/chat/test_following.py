"""Questions that go on from the one before."""

import pytest
from django.contrib.auth.models import User

from experts.chat.answering import NOT_IN_THE_FILES, Done, answer
from experts.chat.following import asked_before, goes_on
from experts.models import Expert
from experts.providers.base import Turn
from tests.factories import ExpertFactory
from tests.fakes import FakeEmbedder
from tests.learning import learnt

SUMMER = "The museum opens at nine in summer."
WINTER = "The museum opens at eleven in winter."
SKIING = "Skis are lent in winter."
OPENS = Turn("person", "When does the museum open?")
SAID = Turn("expert", "At nine [1].")


@pytest.fixture
def expert(alice: User, embedder: FakeEmbedder) -> Expert:
    file = learnt(SKIING, SUMMER, WINTER, "Trains leave at noon.", owner=alice)
    return ExpertFactory(owner=alice, files=[file], ready=True)


def ask(expert: Expert, question: str, *history: Turn) -> Done:
    *_, done = answer(expert, question, history=history)
    assert isinstance(done, Done)
    return done


@pytest.mark.parametrize(
    "question",
    [
        "And in winter?",
        "What about winter?",
        "Why?",
        "What does it cost?",
        "Tell me more",
        "… and?",
    ],
)
def test_a_question_that_points_back_goes_on(db: None, question: str) -> None:
    assert goes_on(question, known=True)


@pytest.mark.parametrize(
    "question",
    [
        "When does the museum open?",
        "Why is the sky blue?",
        "And when do the trains to the museum leave?",
        "Hello!",
        "Who are you?",
        "Winter",
    ],
)
def test_a_question_that_stands_by_itself_does_not(db: None, question: str) -> None:
    assert not goes_on(question, known=True)


def test_it_is_searched_together_with_the_question_before(expert: Expert) -> None:
    done = ask(expert, "And in winter?", OPENS, SAID)
    assert done.citations[0]["text"] == WINTER
    assert done.notice == f"Searched together with your earlier question: “{OPENS.text}”"


def test_it_goes_on_over_other_short_questions(expert: Expert) -> None:
    history = [OPENS, SAID, Turn("person", "Why?"), SAID, Turn("person", "And?"), SAID]
    assert WINTER in [citation["text"] for citation in ask(expert, "Why?", *history).citations]


def test_without_a_question_before_it_is_searched_alone(expert: Expert) -> None:
    done = ask(expert, "And in winter?")
    assert (done.grounded, done.notice) == (True, "")


@pytest.mark.parametrize("question", ["And submarines?", "Thanks for that!"])
def test_what_the_files_do_not_know_stays_unanswered(expert: Expert, question: str) -> None:
    assert ask(expert, question, OPENS, SAID) == Done(NOT_IN_THE_FILES)


def test_the_last_three_questions_are_looked_back_at() -> None:
    turns = [turn for word in "abcd" for turn in (Turn("person", word), SAID)]
    assert list(asked_before(turns)) == ["d", "c", "b"]
    assert list(asked_before([])) == []
