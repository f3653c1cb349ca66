"""Answers by chat completions, streamed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from openai import Stream
from openai.types.chat import ChatCompletionChunk

from experts.models import Expert
from experts.providers.base import ProviderError, Quote, Turn
from experts.providers.openai.client import connect, vendor_errors, waiting
from experts.providers.pacing import paced
from experts.providers.prompt import chat_messages
from experts.providers.tokens import estimated_tokens
from experts.providers.usage import Account, Kind, record


@dataclass
class Tally:
    """Tokens of one answer: as the vendor says at its end, estimated where it never comes to it."""

    asked: int
    words: int = 0
    said: tuple[int, int] | None = None


class OpenAIAnswerer:
    """Answers worded by the model that OPENAI_CHAT_MODEL names, from quotes alone."""

    timeout = 60.0  # seconds between two words; reasoning models think before the first

    def __init__(self) -> None:
        self.name = settings.ENVIRONMENT.openai_chat_model
        self.vendor, self._client = connect()

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        """Yield the answer as it is written. Closing the iterator makes the vendor stop."""
        messages = chat_messages(question, quotes, expert=expert, history=history)
        tokens = sum(estimated_tokens(message["content"]) for message in messages)
        stream = paced(self.vendor, lambda: self._open(messages), attempts=2, tokens=tokens)
        tally = Tally(tokens)
        try:
            with stream, vendor_errors(self.vendor, seconds=self.timeout):
                yield from self._words(stream, tally)
        finally:
            self._record(tally, Account(expert.owner_id, expert.pk))

    def _open(self, messages: list[dict[str, str]]) -> Stream[ChatCompletionChunk]:
        with vendor_errors(self.vendor, seconds=self.timeout):
            return self._client.chat.completions.create(
                model=self.name,
                messages=cast("Any", messages),
                stream=True,
                timeout=waiting(self.timeout),
                stream_options={"include_usage": True},
            )

    def _words(self, stream: Stream[ChatCompletionChunk], tally: Tally) -> Iterator[str]:
        finish, silent = None, True
        for chunk in stream:
            if chunk.usage:
                tally.said = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in chunk.choices[:1]:
                finish = choice.finish_reason or finish
                if choice.delta.content:
                    silent = False
                    tally.words += estimated_tokens(choice.delta.content)
                    yield choice.delta.content
        self._judge(finish, silent=silent)

    def _record(self, tally: Tally, account: Account) -> None:
        tokens_in, tokens_out = tally.said or (tally.asked, tally.words)
        record(
            self.vendor,
            kind=Kind.CHAT,
            model=self.name,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            estimated=tally.said is None,
            account=account,
        )

    def _judge(self, finish: str | None, *, silent: bool) -> None:
        """A stream can end early without any error: only a finish reason says that it is whole."""
        if finish is None:
            raise ProviderError(f"{self.vendor} broke off in the middle of the answer.")
        if finish == "content_filter":
            raise ProviderError(
                f"{self.vendor} withheld the answer: its content filter objects.",
                permanent=True,
            )
        if silent:
            raise ProviderError(f"{self.name} gave an empty answer.")
