"""Asking an expert, and keeping what was said."""

import logging
from collections.abc import Generator, Iterator
from dataclasses import replace
from typing import Any, NamedTuple

from django.contrib.auth.models import User
from django.db import IntegrityError

from experts.chat.answering import ChatEvent, Cited, Done, Token, answer
from experts.models import Conversation, Expert, Message
from experts.operations.refusals import Refused
from experts.progress import progress_of
from experts.providers.base import Turn
from experts.providers.usage import Account, charged_to
from experts.retrieval.search import Hit, search

logger = logging.getLogger(__name__)

LONGEST_QUESTION = 4_000  # characters
TURNS_REMEMBERED = 12
STOPPED = "Stopped before it was complete."

STILL_LEARNING = "This expert is still learning. Chat opens when its knowledge is ready."
WHY_NOT_READY = {
    "failed": "This expert could not learn from its files. Mend what `progress` names, and retry.",
    "cancelled": "The processing of this expert was cancelled. Process it again to open the chat.",
}


class NotReady(Refused):
    """The expert's knowledge is not ready; `progress` says how far it is."""

    def __init__(self, progress: dict[str, Any]) -> None:
        super().__init__("not_ready", WHY_NOT_READY.get(progress["status"], STILL_LEARNING))
        self.progress = progress


class Asking(NamedTuple):
    """A question on its way: the events come as the answer is made. Closing them stops it."""

    conversation: Conversation
    events: Generator[ChatEvent]


def ask(
    expert: Expert, question: str, *, user: User, conversation: Conversation | None = None
) -> Asking:
    """Ask an expert; the question is kept at once, the answer when it is whole.

    Raises NotReady, and Refused: `empty_message`, `message_too_long`.
    """
    question = checked(question)
    check_ready(expert)
    if conversation is None:
        conversation = Conversation.objects.create(expert=expert, user=user, title=question[:120])
    history = [
        Turn(message.role, message.text) for message in conversation.latest(TURNS_REMEMBERED)
    ]
    conversation.messages.create(role=Message.Role.PERSON, text=question)
    return Asking(conversation, _kept(conversation, answer(expert, question, history=history)))


def search_files(expert: Expert, query: str, *, limit: int) -> list[Hit]:
    """The passages of the expert's files that fit best. Raises NotReady."""
    check_ready(expert)
    file_ids = list(expert.files.values_list("pk", flat=True))
    with charged_to(Account(expert.owner_id, expert.pk)):
        return search(query, file_ids=file_ids, limit=limit).hits


def check_ready(expert: Expert) -> None:
    """Raises NotReady until the first processing is complete."""
    if not expert.is_ready:
        raise NotReady(progress_of(expert))


def checked(question: str) -> str:
    """The question without white space around it. Raises Refused."""
    question = question.replace("\0", "").strip()
    if not question:
        raise Refused("empty_message", "Type a question first.", fields={"message": "Empty."})
    if len(question) > LONGEST_QUESTION:
        message = f"A question has {LONGEST_QUESTION:,} characters at most. Shorten it."
        raise Refused("message_too_long", message, fields={"message": message})
    return question


def _kept(conversation: Conversation, events: Iterator[ChatEvent]) -> Generator[ChatEvent]:
    """The events, and the answer kept: whole, or as far as it came where the person stopped it."""
    said = Done("")
    try:
        for event in events:
            match event:
                case Token():
                    said = replace(said, text=said.text + event.text)
                case Cited():
                    said = replace(said, citations=[*said.citations, event.citation])
                case Done():
                    _keep(conversation, event)
                    said = Done("")  # nothing is left to keep
            yield event
    except GeneratorExit:  # nobody listens any more
        if said.text:
            _keep(conversation, replace(said, grounded=bool(said.citations), notice=STOPPED))
        raise


def _keep(conversation: Conversation, said: Done) -> None:
    try:
        conversation.messages.create(
            role=Message.Role.EXPERT,
            text=said.text,
            grounded=said.grounded,
            citations=said.citations,
            notice=said.notice,
        )
    except IntegrityError:
        logger.info("Conversation %s was deleted while it was answered", conversation.pk)
