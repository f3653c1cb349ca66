"""How long a vendor is waited for, and how much is sent at once."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experts.outcomes import REMOVAL, as_outcome
from experts.providers import patience
from experts.providers.base import ProviderError
from experts.providers.openai.embedder import MOST_INPUTS, MOST_TOKENS
from experts.providers.tokens import estimated_tokens, filled
from experts.providers.vendor import seconds_to_wait
from queueing import RetryLater, enqueue


def requests(texts: list[str]) -> list[list[str]]:
    """As they go to OpenAI."""
    return list(filled(texts, text=str, most=MOST_INPUTS, most_tokens=MOST_TOKENS))


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [("38", 38), ("1.5", 1.5), (" 2 ", 2), ("", None), ("soon", None), ("-3", None)],
)
def test_retry_after_is_a_number_of_seconds(asked: str, seconds: float | None) -> None:
    assert seconds_to_wait({"Retry-After": asked}) == seconds


def test_retry_after_may_be_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=38), usegmt=True)
    assert seconds_to_wait({"retry-after": date}) == pytest.approx(38, abs=2)


def test_a_date_gone_by_means_now() -> None:
    assert seconds_to_wait({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}) == 0


def test_letters_count_for_a_third_of_a_token_and_ideographs_for_a_whole() -> None:
    assert estimated_tokens("coffee") == 2
    assert estimated_tokens("咖啡") == 2


@given(st.lists(st.text(min_size=1, max_size=9), max_size=50))
def test_cut_into_requests_every_text_stays_in_its_place(texts: list[str]) -> None:
    assert [text for batch in requests(texts) for text in batch] == texts


def test_a_request_holds_no_more_texts_than_the_vendor_takes() -> None:
    assert [len(batch) for batch in requests(["a"] * (MOST_INPUTS + 1))] == [MOST_INPUTS, 1]


def test_a_request_holds_no_more_tokens_than_the_vendor_takes() -> None:
    batches = requests(["coffee" * 5000] * 100)
    assert len(batches) == 4
    assert all(sum(map(estimated_tokens, batch)) <= MOST_TOKENS for batch in batches)


def pauses(error: ProviderError) -> list[float]:
    """What is slept between the attempts of a call that goes on failing so."""
    slept: list[float] = []

    def call() -> None:
        raise error

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(patience.time, "sleep", slept.append)
        with pytest.raises(ProviderError):
            patience.with_retries(call)
    return slept


def test_between_tries_there_is_a_growing_pause_with_chance_in_it() -> None:
    many = [pauses(ProviderError("Busy")) for _ in range(20)]
    unit = patience.FIRST_PAUSE
    assert all(unit / 2 <= first <= unit <= second <= 2 * unit for first, second in many)
    assert len({first for first, _ in many}) > 1


def test_a_short_pause_that_was_asked_for_is_kept_to_the_second_and_a_long_one_goes_up() -> None:
    assert pauses(ProviderError("Busy", retry_after=1.5)) == [1.5, 1.5]
    assert pauses(ProviderError("Busy", retry_after=38)) == []


@pytest.mark.django_db
def test_the_queue_tries_again_after_a_growing_time_with_chance_in_it() -> None:
    task = enqueue("remove_stored", task_data={"names": []})
    spans = {}
    for attempt in (1, 2, 6, 30, 200):
        task.attempt = attempt
        later = [as_outcome(ProviderError("Busy"), task, patience=REMOVAL) for _ in range(20)]
        assert all(isinstance(each, RetryLater) for each in later)
        seconds = [each.delay.total_seconds() for each in later if isinstance(each, RetryLater)]
        assert len(set(seconds)) > 1
        spans[attempt] = (min(seconds), max(seconds))
    assert 2.5 <= spans[1][0] <= spans[1][1] <= 5 <= spans[2][0]
    assert 80 <= spans[6][0] <= spans[6][1] <= 160
    assert spans[200][1] <= REMOVAL.longest == 3600
