"""The three things that an expert has at ElevenLabs: a secret, a tool that sends it, an agent."""

from collections.abc import Iterator
from typing import Any, Protocol
from uuid import UUID

from elevenlabs.client import ElevenLabs
from elevenlabs.core.request_options import RequestOptions

from experts.models import Expert
from experts.providers.elevenlabs.client import Budget, vendor_errors
from experts.providers.elevenlabs.described import (
    described_agent,
    described_tool,
    expert_of_name,
    expert_of_tags,
    expert_tag,
    name_of,
    site_tag,
)
from experts.providers.voice_secret import voice_secret

PAGE = 100  # the most that the vendor lists at once


class Part(Protocol):
    """One of the three. `field` is where the expert keeps its id.

    Its calls raise what the SDK does, all but `listed`, which raises ProviderError.
    """

    field: str

    def create(self, expert: Expert, options: RequestOptions) -> str:
        """Returns the id."""

    def update(self, key: str, expert: Expert, options: RequestOptions) -> None:
        """Make it what the expert is now."""

    def delete(self, key: str, options: RequestOptions) -> None:
        """Remove it."""

    def listed(self, budget: Budget, expert_id: UUID | None = None) -> Iterator[tuple[UUID, str]]:
        """(expert, id) of all that this site has made, or of those of one expert.

        The vendor is told what to look for; what it answers is looked through once more.
        """


class Secrets:
    """What the tool shows to our search. The vendor never tells its value again."""

    field = "secret_id"

    def __init__(self, client: ElevenLabs) -> None:
        self._calls = client.conversational_ai.secrets

    def create(self, expert: Expert, options: RequestOptions) -> str:
        return str(self._calls.create(**self._named(expert), request_options=options).secret_id)

    def update(self, key: str, expert: Expert, options: RequestOptions) -> None:
        self._calls.update(key, **self._named(expert), request_options=options)

    def delete(self, key: str, options: RequestOptions) -> None:
        self._calls.delete(key, request_options=options)

    def listed(self, budget: Budget, expert_id: UUID | None = None) -> Iterator[tuple[UUID, str]]:
        prefix = name_of("secret", expert_id)
        for page in pages(self._calls.list, budget, search=prefix):
            for secret in page.secrets:
                owner = expert_of_name("secret", secret.name)
                if owner and expert_id in (None, owner):
                    yield owner, secret.secret_id

    def _named(self, expert: Expert) -> dict[str, str]:
        return {"name": name_of("secret", expert.pk), "value": voice_secret(expert.pk)}


class Tools:
    """The webhook by which an agent searches the expert's files."""

    field = "tool_id"

    def __init__(self, client: ElevenLabs) -> None:
        self._calls = client.conversational_ai.tools

    def create(self, expert: Expert, options: RequestOptions) -> str:
        return str(self._calls.create(request=self._asked(expert), request_options=options).id)

    def update(self, key: str, expert: Expert, options: RequestOptions) -> None:
        self._calls.update(key, request=self._asked(expert), request_options=options)

    def delete(self, key: str, options: RequestOptions) -> None:
        self._calls.delete(key, force=True, request_options=options)

    def listed(self, budget: Budget, expert_id: UUID | None = None) -> Iterator[tuple[UUID, str]]:
        prefix = name_of("search", expert_id)
        for page in pages(self._calls.list, budget, search=prefix):
            for tool in page.tools:
                owner = expert_of_name("search", tool.tool_config.name)
                if owner and expert_id in (None, owner):
                    yield owner, tool.id

    def _asked(self, expert: Expert) -> Any:
        return {"tool_config": described_tool(expert)}


class Agents:
    """Who talks. It opens to signed addresses only."""

    field = "agent_id"

    def __init__(self, client: ElevenLabs) -> None:
        self._calls = client.conversational_ai.agents

    def create(self, expert: Expert, options: RequestOptions) -> str:
        made = self._calls.create(**described_agent(expert), request_options=options)
        return str(made.agent_id)

    def update(self, key: str, expert: Expert, options: RequestOptions) -> None:
        self._calls.update(key, **described_agent(expert), request_options=options)

    def delete(self, key: str, options: RequestOptions) -> None:
        self._calls.delete(key, request_options=options)

    def listed(self, budget: Budget, expert_id: UUID | None = None) -> Iterator[tuple[UUID, str]]:
        tag = expert_tag(expert_id) if expert_id else site_tag()
        for page in pages(self._calls.list, budget, tags=[tag]):
            for agent in page.agents:
                owner = expert_of_tags(agent.tags or [])
                if owner and expert_id in (None, owner):
                    yield owner, agent.agent_id


def pages(call: Any, budget: Budget, **filters: Any) -> Iterator[Any]:
    """All pages of a list, one call each. Raises ProviderError."""
    cursor = None
    while True:
        options = budget.options()
        with vendor_errors(budget.seconds):
            page = call(page_size=PAGE, cursor=cursor, request_options=options, **filters)
        yield page
        cursor = page.next_cursor
        if not cursor:
            return
