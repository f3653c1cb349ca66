"""The vendor's side of the experts: made in order, found again, talked to, removed."""

from collections.abc import Iterator
from functools import partial

from experts.models import Expert
from experts.providers.base import AgentParts, NoAgentError, Voice
from experts.providers.elevenlabs.client import (
    TALKS,
    TIMEOUT,
    VOICES,
    Budget,
    UnknownError,
    connect,
    once,
    vendor_errors,
)
from experts.providers.elevenlabs.parts import Agents, Part, Secrets, Tools
from experts.providers.local_voice import PREFIX as LOCAL
from experts.providers.patience import with_retries

SESSION_TIMEOUT = 5
LISTING_BUDGET = 120
VOICES_TIMEOUT = 3  # a form waits for them
VOICES_A_PAGE = 100  # the most that the vendor lists at once
NO_VOICE_YET = "The voice of this expert is still being made. Try again in a minute."


class ElevenLabsAgents:
    """Agents that open to signed addresses only, and answer from their expert's files."""

    keeps_agents = True

    def __init__(self) -> None:
        client = connect(self)
        # In the order in which they are made: each names the one before it.
        self._parts: list[Part] = [Secrets(client), Tools(client), Agents(client)]
        self._conversations = client.conversational_ai.conversations
        self._voices = client.voices

    def ensure(self, expert: Expert, *, timeout: float, new: bool = False) -> None:
        """Make the expert's secret, tool and agent what the expert is now.

        Each id is set on the expert as soon as there is one, also when the next step fails. What
        has none is looked for before it is made: an answer to an earlier attempt may have been
        lost after the work was done. Of a `new` expert nothing can be there yet.
        """
        budget = Budget(timeout)
        for part in self._parts:
            self._ensure(part, expert, budget, new=new)

    def _ensure(self, part: Part, expert: Expert, budget: Budget, *, new: bool) -> None:
        known = at_the_vendor(getattr(expert, part.field))
        if not known and not new:
            known = next((key for _, key in part.listed(budget, expert.pk)), "")
        if known and self._updated(part, known, expert, budget):
            setattr(expert, part.field, known)
            return
        options = budget.options()
        with vendor_errors(budget.seconds):
            setattr(expert, part.field, part.create(expert, options))

    def _updated(self, part: Part, key: str, expert: Expert, budget: Budget) -> bool:
        """Not when somebody has removed it there."""
        options = budget.options()
        try:
            with vendor_errors(budget.seconds):
                part.update(key, expert, options)
        except UnknownError:
            return False
        return True

    def delete(self, parts: AgentParts) -> None:
        """Remove agent, tool and secret; removing twice is no error.

        What has no id is looked for: the answer to its making may have been lost.
        """
        for part in reversed(self._parts):
            known = at_the_vendor(getattr(parts, part.field))
            listed = part.listed(Budget(LISTING_BUDGET), parts.expert_id)
            for key in [known] if known else [key for _, key in listed]:
                with_retries(partial(self._delete, part, key))

    def discard(self, parts: AgentParts) -> None:
        """Remove what has these ids; what is gone already is no error."""
        for part in reversed(self._parts):
            if key := parts.known().get(part.field):
                with_retries(partial(self._delete, part, key))

    def _delete(self, part: Part, key: str) -> None:
        try:
            with vendor_errors(TIMEOUT):
                part.delete(key, once(TIMEOUT))
        except UnknownError:
            return

    def agents(self) -> Iterator[AgentParts]:
        """All that this site has made, one part at a time, in an order for removing."""
        for part in reversed(self._parts):
            for expert_id, key in part.listed(Budget(LISTING_BUDGET)):
                yield AgentParts(expert_id, **{part.field: key})

    def session_url(self, expert: Expert) -> str:
        """A websocket address; the talk must begin within 15 minutes."""
        if not at_the_vendor(expert.agent_id):
            raise NoAgentError(NO_VOICE_YET)
        try:
            return with_retries(partial(self._signed_url, expert.agent_id), attempts=2)
        except UnknownError:
            raise NoAgentError(NO_VOICE_YET) from None

    def _signed_url(self, agent_id: str) -> str:
        with vendor_errors(SESSION_TIMEOUT, TALKS):
            answer = self._conversations.get_signed_url(
                agent_id=agent_id, request_options=once(SESSION_TIMEOUT)
            )
        return str(answer.signed_url)

    def voices(self) -> list[Voice]:
        """The voices of the account, by name."""
        budget, found, more = Budget(VOICES_TIMEOUT), list[Voice](), None
        while True:
            options = budget.options()
            with vendor_errors(budget.seconds, VOICES):
                page = self._voices.search(
                    page_size=VOICES_A_PAGE,
                    sort="name",
                    next_page_token=more,
                    request_options=options,
                )
            found += [Voice(voice.voice_id, voice.name or voice.voice_id) for voice in page.voices]
            more = page.next_page_token if page.has_more else None
            if not more:
                return found


def at_the_vendor(key: str) -> str:
    """The id, unless it is one of ours, from before voice was switched on."""
    return "" if key.startswith(LOCAL) else key
