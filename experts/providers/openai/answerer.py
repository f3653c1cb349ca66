"""Answers by chat completions, streamed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from django.conf import settings
from openai import Stream, omit
from openai.types.chat import ChatCompletionChunk

from experts.models import Expert
from experts.providers.base import ProviderError, Quote, Turn
from experts.providers.openai.client import (
    LACKS,
    LacksError,
    TooLongError,
    connect,
    vendor_errors,
    waiting,
)
from experts.providers.openai.thoughts import without_thoughts
from experts.providers.pacing import paced
from experts.providers.prompt import Messages, chat_messages, without_system
from experts.providers.tokens import estimated_tokens
from experts.providers.usage import Account, Kind, record
from experts.providers.vendor import own_server

REASONING = r"o\d|gpt-5"  # how OpenAI's models that think before they answer are called


@dataclass
class Tally:
    """Tokens of one answer: as the vendor says at its end, estimated where it never comes to it."""

    asked: int
    words: int = 0
    said: tuple[int, int] | None = None
    began: bool = False
    finish: str | None = None


class OpenAIAnswerer:
    """Answers worded by the model that OPENAI_CHAT_MODEL names, from quotes alone.

    Neither a length nor a temperature is asked for, which reasoning models refuse or read in
    their own way. What a compatible server does not know is left out from its first refusal on.
    """

    def __init__(self) -> None:
        self.name = settings.ENVIRONMENT.openai_chat_model
        self.timeout = patience(self.name, compatible=bool(own_server()))
        self.vendor, self._client = connect("answers", self)
        self._lacks: set[str] = set()

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        """Yield the answer as it is written. Closing the iterator makes the vendor stop."""
        messages = chat_messages(question, quotes, expert=expert, history=history)
        try:
            stream = self._opened(messages)
        except TooLongError:
            if not history:
                raise
            messages = chat_messages(question, quotes, expert=expert, history=[])
            stream = self._opened(messages)
        tally = Tally(tokens_of(messages))
        try:
            with stream, vendor_errors(self.vendor, seconds=self.timeout):
                yield from self._spoken(stream, tally)
        finally:
            self._record(tally, Account(expert.owner_id, expert.pk))

    def _opened(self, messages: Messages) -> Stream[ChatCompletionChunk]:
        """The stream, asked for once more without what the server turns out not to know."""
        for _ in LACKS:
            try:
                return self._paced(messages)
            except LacksError as error:
                if error.lacks in self._lacks:
                    raise
                self._lacks.add(error.lacks)
        return self._paced(messages)

    def _paced(self, messages: Messages) -> Stream[ChatCompletionChunk]:
        sent = without_system(messages) if "system" in self._lacks else messages
        return paced(self.vendor, lambda: self._open(sent), attempts=2, tokens=tokens_of(messages))

    def _open(self, messages: Messages) -> Stream[ChatCompletionChunk]:
        with vendor_errors(self.vendor, seconds=self.timeout):
            return self._client.chat.completions.create(
                model=self.name,
                messages=cast("Any", messages),
                stream=True,
                timeout=waiting(self.timeout),
                stream_options=omit if "usage" in self._lacks else {"include_usage": True},
            )

    def _spoken(self, stream: Stream[ChatCompletionChunk], tally: Tally) -> Iterator[str]:
        silent = True
        for words in without_thoughts(self._words(stream, tally)):
            silent = False
            yield words
        if not tally.began:  # a page for people, say
            raise self.vendor.garbled()
        self._judge(tally.finish, silent=silent)

    def _words(self, stream: Stream[ChatCompletionChunk], tally: Tally) -> Iterator[str]:
        for chunk in stream:
            tally.began = True
            if chunk.usage:
                tally.said = (chunk.usage.prompt_tokens, chunk.usage.completion_tokens)
            for choice in (chunk.choices or [])[:1]:
                tally.finish = choice.finish_reason or tally.finish
                if choice.delta and choice.delta.content:
                    tally.words += estimated_tokens(choice.delta.content)
                    yield choice.delta.content

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


def tokens_of(messages: Messages) -> int:
    return sum(estimated_tokens(message["content"]) for message in messages)


def patience(model: str, *, compatible: bool) -> float:
    """Seconds between two words: models that reason are silent before the first.

    A server of one's own first loads the model, and reads thousands of tokens on a processor.
    """
    return 120.0 if compatible or re.match(REASONING, model) else 30.0
