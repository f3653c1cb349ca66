"""Talking aloud: what an agent finds while it talks, and what is kept of the talk."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from experts.chat.answering import NOT_IN_THE_FILES
from experts.chat.citations import Citation, cite
from experts.models import Conversation, Expert, Message, Passage
from experts.operations.chat import check_ready
from experts.operations.refusals import Refused
from experts.providers.base import Quote
from experts.providers.usage import Account, Kind, charged_to, record
from experts.providers.vendor import Vendor
from experts.providers.voice_events import Spoken, is_signed, transcript
from experts.providers.voice_secret import opens
from experts.retrieval.marking import mark
from experts.retrieval.search import search

PASSAGES_ALOUD = 4  # as many as an agent can take in while somebody waits for its voice
# Seconds for the search by meaning; a talk goes on by words alone after it. Two vendors may be
# asked in that time, and the rest of an answer takes less than 0.1 of the 0.8 that it may.
PATIENCE = 0.55


VOICE = Vendor("ElevenLabs", key="ELEVENLABS_API_KEY")  # for the ledger


class Found(NamedTuple):
    """What an agent reads, and the passages it came from, under the numbers in the text."""

    text: str
    citations: list[Citation]


def check_secret(expert_id: UUID, secret: str) -> None:
    """Raises Refused `wrong_secret`."""
    if not opens(secret, expert_id):
        raise Refused("wrong_secret", "This secret is not the one of this expert's agent.")


def search_aloud(expert: Expert, query: str) -> Found:
    """Search the expert's files for its agent, within a second. Raises NotReady."""
    check_ready(expert)
    file_ids = list(expert.files.values_list("pk", flat=True))
    with charged_to(Account(expert.owner_id, expert.pk)):
        found = search(query, file_ids=file_ids, limit=PASSAGES_ALOUD, patience=PATIENCE)
    if not found.confident:
        return Found(NOT_IN_THE_FILES, [])
    citations = cited([hit.passage for hit in found.hits], question=query)
    return Found("\n\n".join(map(to_read, citations)), citations)


def cited(passages: Sequence[Passage], *, question: str) -> list[Citation]:
    """The passages as citations, numbered, the words marked that the question asks for."""
    marks = mark(question, passages, by_meaning=False)
    quotes = [
        Quote(number, passage, passage.source_file.name, highlights)
        for number, (passage, highlights) in enumerate(zip(passages, marks, strict=True), start=1)
    ]
    return [cite(quote, quote.number) for quote in quotes]


def to_read(citation: Citation) -> str:
    text = " ".join(citation["text"].split())
    return f"[{citation['number']}] {citation['file_name']}, {citation['location']}: {text}"


def check_signature(body: bytes, signature: str) -> None:
    """Raises Refused `wrong_signature`."""
    secret = settings.ENVIRONMENT.elevenlabs_webhook_secret
    if not is_signed(body, signature, secret=secret):
        message = "This event is not signed with ELEVENLABS_WEBHOOK_SECRET, or was sent long ago."
        raise Refused("wrong_signature", message)


def keep_talk(
    *, agent_id: str, call_id: str, began: int, seconds: int, turns: list[dict[str, Any]]
) -> None:
    """Add a talk to its expert's conversations and to the ledger; once, however often it is told.

    `began` is a Unix time. An agent that is not ours is passed over: other sites may share the
    vendor's account, and all hear of all talks. So is a talk in which nobody asked anything.
    """
    expert = Expert.objects.filter(agent_id=agent_id).first()
    said = list(transcript(turns))
    first = next((turn.text for turn in said if turn.role == Message.Role.PERSON), None)
    if expert is None or first is None:
        return
    with transaction.atomic():
        conversation, created = Conversation.objects.get_or_create(
            expert=expert,
            call_id=call_id,
            defaults={"user_id": expert.owner_id, "title": first[:120]},
        )
        if created:
            start = datetime.fromtimestamp(began, tz=UTC)
            Message.objects.bulk_create(messages(conversation, said, start=start))
            account = Account(expert.owner_id, expert.pk)
            record(VOICE, kind=Kind.TALK, seconds=seconds, account=account)


def messages(
    conversation: Conversation, said: Sequence[Spoken], *, start: datetime
) -> list[Message]:
    """Each turn as a message at its time, with the passages that can still be cited."""
    keys = {key for turn in said for key in turn.passages}
    ours = Passage.objects.filter(source_file__experts=conversation.expert)
    passages = ours.select_related("source_file").in_bulk(keys)
    made, question = [], ""
    for turn in said:
        question = turn.text if turn.role == Message.Role.PERSON else question
        found = [passages[key] for key in turn.passages if key in passages]
        citations = cited(found, question=question)
        made.append(
            Message(
                conversation=conversation,
                role=turn.role,
                text=turn.text,
                citations=citations,
                grounded=bool(citations),
                created_at=start + timedelta(seconds=turn.after),
            )
        )
    return made
