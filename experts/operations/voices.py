"""An expert's agent at the voice vendor: a vendor that is down costs nobody their input."""

import logging

from django.conf import settings
from django.core.cache import cache

from experts.models import Expert
from experts.operations.chat import check_ready
from experts.operations.refusals import Refused
from experts.providers import get_voice_agents
from experts.providers.base import NoAgentError, ProviderError, Voice
from queueing import enqueue

logger = logging.getLogger(__name__)

AGENT_BUDGET = 5.0  # seconds that a person waits for the vendor at most
NOT_MADE = "The voice of this expert could not be made. {} It is tried once more now."
VOICES_KEPT = 600  # seconds that a list of voices is shown before it is asked for again
VOICES_AWAY = 30  # seconds that a form goes without voices before the vendor is asked again


def ensure_agent(expert: Expert) -> None:
    """Give an unsaved expert its agent now, else leave what is missing of it for the queue."""
    try:
        get_voice_agents().ensure(expert, timeout=AGENT_BUDGET, new=True)
    except ProviderError as error:
        logger.warning("No agent yet for expert %s: %s", expert.pk, error)
    else:
        expert.agent_status = Expert.AgentStatus.READY


def sync_agent_later(expert: Expert) -> None:
    if is_spoken():
        enqueue("sync_voice_agent", expert_id=expert.pk, owner_id=str(expert.owner_id))


def remove_agent_later(expert: Expert) -> None:
    if is_spoken():
        enqueue("remove_voice_agent", task_data=expert.voice_parts())


def open_voice_session(expert: Expert) -> str:
    """A signed address at which the person's browser talks with the expert.

    An agent that is missing is made meanwhile, and what kept it from being made before is said.
    Raises Refused `voice_unavailable`, NotReady and ProviderError.
    """
    if not is_spoken():
        raise Refused(
            "voice_unavailable",
            "This site has no voice vendor. Ask in writing, or have the operator set"
            " ELEVENLABS_API_KEY.",
        )
    check_ready(expert)
    try:
        return get_voice_agents().session_url(expert)
    except NoAgentError:
        trouble = expert.voice_trouble()
        sync_agent_later(expert)
        if trouble:
            raise ProviderError(NOT_MADE.format(trouble)) from None
        raise


def voices_to_choose() -> list[Voice]:
    """The vendor's voices; none where there is no vendor, or while it does not answer."""
    if not is_spoken():
        return []
    known: list[Voice] | None = cache.get("voices")
    if known is None:
        known = listed_voices()
        cache.set("voices", known, VOICES_KEPT if known else VOICES_AWAY)
    return known


def listed_voices() -> list[Voice]:
    try:
        return get_voice_agents().voices()
    except ProviderError as error:
        logger.warning("Voices cannot be chosen: %s", error)
        return []


def is_spoken() -> bool:
    """Whether experts have agents at a vendor at all."""
    return bool(settings.PROVIDERS["VOICE"] != "none")
