"""Voice that is not switched on: experts are text only, under an agent id of our own."""

from collections.abc import Iterator

from experts.models import Expert
from experts.providers.base import AgentParts, ProviderError, Voice

PREFIX = "local-"


class NoVoice:
    """Experts have an agent id from the first moment, and nobody to talk to by voice."""

    keeps_agents = False

    def ensure(self, expert: Expert, *, timeout: float, new: bool = False) -> None:
        expert.agent_id = f"{PREFIX}{expert.pk}"

    def delete(self, parts: AgentParts) -> None:
        """Nothing was made, so nothing has to go."""

    def discard(self, parts: AgentParts) -> None:
        """Nor here."""

    def agents(self) -> Iterator[AgentParts]:
        return iter(())

    def session_url(self, expert: Expert) -> str:
        raise ProviderError(
            "Voice is not switched on here. An operator switches it on with ELEVENLABS_API_KEY.",
            permanent=True,
        )

    def voices(self) -> list[Voice]:
        return []
