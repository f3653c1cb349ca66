"""An expert's agent at the voice vendor: a vendor that is down costs nobody their input."""

import logging

from django.conf import settings

from experts.models import Expert
from experts.operations.chat import check_ready
from experts.operations.refusals import Refused
from experts.providers import get_voice_agents
from experts.providers.base import ProviderError
from queueing import enqueue

logger = logging.getLogger(__name__)

AGENT_BUDGET = 5.0  # seconds that a person waits for the vendor at most


def ensure_agent(expert: Expert) -> None:
    """Give an unsaved expert its agent now, else leave it pending for the queue."""
    try:
        expert.agent_id = get_voice_agents().ensure(expert, timeout=AGENT_BUDGET)
    except ProviderError as error:
        logger.warning("No agent yet for expert %s: %s", expert.pk, error)
    else:
        expert.agent_status = Expert.AgentStatus.READY


def sync_agent_later(expert: Expert) -> None:
    if is_spoken():
        enqueue("sync_voice_agent", expert_id=expert.pk, owner_id=str(expert.owner_id))


def remove_agent_later(expert: Expert) -> None:
    if is_spoken() and expert.agent_id:
        enqueue("remove_voice_agent", task_data={"agent_id": expert.agent_id})


def open_voice_session(expert: Expert) -> str:
    """A signed address at which the person's browser talks with the expert.

    Raises Refused `voice_unavailable`, NotReady and ProviderError.
    """
    if not is_spoken():
        raise Refused(
            "voice_unavailable",
            "This site has no voice vendor. Ask in writing, or have the operator set"
            " ELEVENLABS_API_KEY.",
        )
    check_ready(expert)
    return get_voice_agents().session_url(expert)


def is_spoken() -> bool:
    """Whether experts have agents at a vendor at all."""
    return bool(settings.PROVIDERS["VOICE"] != "none")
