"""An expert's secret, tool and agent at the voice vendor, each known by its expert's id."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from experts.housekeeping import BEHIND_EVERYTHING
from experts.models import Expert
from experts.providers import get_voice_agents
from experts.providers.base import AgentParts
from experts.reconciling.findings import Finding, in_hand, is_settled, pending
from queueing import enqueue

READY = Expert.AgentStatus.READY


def agents() -> Iterator[Finding]:
    """Those of experts that are gone, second ones, and experts without. Raises ProviderError."""
    there: dict[UUID, list[AgentParts]] = {}
    for parts in get_voice_agents().agents():
        there.setdefault(parts.expert_id, []).append(parts)
    here = Expert.objects.in_bulk()
    leaving = pending("remove_voice_agent", "expert_id")
    changing = in_hand("sync_voice_agent", "remove_surplus_agents")
    for expert_id, found in there.items():
        if expert_id not in here and str(expert_id) not in leaving and is_settled(expert_id):
            yield orphaned_agent(expert_id, found)
    for expert in here.values():
        if expert.pk not in changing:
            yield from compared(expert, there.get(expert.pk, []))


def compared(expert: Expert, found: Sequence[AgentParts]) -> Iterator[Finding]:
    """What an expert has too much of, or too little, when nothing of it is being changed."""
    own = {expert.agent_id, expert.tool_id, expert.secret_id}
    surplus = [parts for parts in found if own.isdisjoint(ids([parts]))]
    if surplus and expert.agent_status == READY:
        yield surplus_agents(expert, surplus)
    if get_voice_agents().keeps_agents and (expert.agent_status != READY or own - set(ids(found))):
        yield missing_agent(expert)


def orphaned_agent(expert_id: UUID, found: Sequence[AgentParts]) -> Finding:
    def mend() -> object:
        return enqueue(
            "remove_voice_agent",
            task_data={"expert_id": str(expert_id), "agent_id": "", "tool_id": "", "secret_id": ""},
            priority=BEHIND_EVERYTHING,
        )

    return Finding("orphan", f"{', '.join(ids(found))}: expert {expert_id} is gone.", mend)


def surplus_agents(expert: Expert, surplus: Sequence[AgentParts]) -> Finding:
    """The answer to a making was lost, and it was made twice. The right one stays."""

    def mend() -> object:
        return enqueue(
            "remove_surplus_agents",
            expert_id=expert.pk,
            task_data={"parts": [parts.known() for parts in surplus]},
            priority=BEHIND_EVERYTHING,
        )

    return Finding("orphan", f"{', '.join(ids(surplus))}: {expert.name} uses another.", mend)


def missing_agent(expert: Expert) -> Finding:
    def mend() -> object:
        return enqueue("sync_voice_agent", expert_id=expert.pk, owner_id=str(expert.owner_id))

    what = f"{expert.agent_id or 'an agent'} of {expert.name} ({expert.pk})."
    return Finding("gap", f"{what} {expert.voice_trouble()}".strip(), mend)


def ids(found: Sequence[AgentParts]) -> list[str]:
    return [key for parts in found for key in parts.known().values()]
