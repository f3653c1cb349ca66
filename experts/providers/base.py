"""What the product asks of a provider: the interfaces, and the one error that comes out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from django.db.models import QuerySet

from experts.models import Expert, Passage, SourceFile
from experts.models.progress import PAUSED

Vector = Sequence[float]


class ProviderError(Exception):
    """A provider could not do what was asked; the message is for a person.

    `permanent` says that trying again is useless (a rejected key); `retry_after` is the number
    of seconds that the vendor asked for.
    """

    def __init__(
        self, message: str, *, permanent: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.retry_after = retry_after


class PausedError(ProviderError):
    """The vendor asks everyone to wait for so many seconds: nothing is wrong, and none is spent."""

    def __init__(self, vendor: str, seconds: float) -> None:
        super().__init__(f"{PAUSED}{vendor}, which asks for fewer requests.", retry_after=seconds)
        self.vendor = vendor
        self.seconds = seconds


class Embedder(Protocol):
    """Turns text into vectors of unit length."""

    name: str  # the model's name, stored with each vector: different models never mix
    batch_size: int  # passages a call, at most
    batch_tokens: int | None  # and their tokens, estimated; None where they do not count
    off_topic_below: float  # a best cosine below this: the files are about something else

    @property
    def dimensions(self) -> int:
        """Numbers in its vectors; a server may have to be asked. Raises ProviderError."""

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """One vector for each text, in order. Raises ProviderError."""

    def embed_query(self, text: str) -> Vector:
        """The vector of a question. Raises ProviderError."""


class VectorStore(Protocol):
    """Keeps the passages' vectors. Every method raises ProviderError."""

    settles_later: bool  # whether it shows what it took only after a while

    def upsert(self, passages: Sequence[Passage], vectors: Sequence[Vector], *, model: str) -> None:
        """Store a vector for each passage, over what is there."""

    def missing(self, file: SourceFile, *, model: str) -> QuerySet[Passage]:
        """The file's passages without a vector of this model, in order: what is left to do."""

    def search(
        self, vector: Vector, *, file_ids: Sequence[UUID], model: str, limit: int
    ) -> list[tuple[int, float]]:
        """The nearest passages of the allowed files: (passage id, cosine), best first."""

    def delete(self, *, owner_id: int, file_id: UUID, passages: int) -> None:
        """Forget the vectors of a file that is gone and had so many passages; twice is no error."""

    def held(self) -> Iterator["Held"]:
        """What a store outside PostgreSQL holds, one owner after the other; else nothing."""

    def delete_some(self, *, owner_id: int, file_id: UUID, ordinals: Sequence[int]) -> None:
        """Forget these vectors of a file, whose passages are gone; twice is no error."""

    def recount(self, file: SourceFile) -> int:
        """Look what is really there of a file that has settled; returns how many are lost.

        `missing` names the passages of those again.
        """


@dataclass(frozen=True)
class Held:
    """One owner's vectors at a vendor, and those that are noted to be there: ordinals by file."""

    owner_id: int
    there: dict[UUID, set[int]]
    noted: dict[UUID, set[int]]


@dataclass(frozen=True)
class Quote:
    """A passage handed to an answerer, under the number it is cited by.

    `highlights` are the spans of the passage's text, in order, that fit the question best.
    """

    number: int
    passage: Passage
    file_name: str
    highlights: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True)
class Turn:
    """What was said before: `role` is "person" or "expert"."""

    role: str
    text: str


class Answerer(Protocol):
    """Words an answer from quotes."""

    name: str

    def answer(
        self, question: str, quotes: Sequence[Quote], *, expert: Expert, history: Sequence[Turn]
    ) -> Iterator[str]:
        """Yield the answer piece by piece, citing quotes as [1]. Raises ProviderError."""


NOT_REACHABLE = (
    "ElevenLabs has to reach this site to search the files. Set PUBLIC_URL to where people open"
    " it, like https://experts.example.com."
)


class NoAgentError(ProviderError):
    """The vendor has no agent of this expert, not yet or not any more."""


@dataclass(frozen=True)
class AgentParts:
    """What an expert has at the voice vendor, by the vendor's ids; empty where none is known."""

    expert_id: UUID
    agent_id: str = ""
    tool_id: str = ""
    secret_id: str = ""

    def known(self) -> dict[str, str]:
        """The ids that are known, by name, in the order of removing."""
        named = {name: getattr(self, name) for name in ("agent_id", "tool_id", "secret_id")}
        return {name: key for name, key in named.items() if key}


@dataclass(frozen=True)
class Voice:
    """A voice that an expert can speak with."""

    voice_id: str
    name: str


class VoiceAgents(Protocol):
    """The vendor's side of an expert: an agent that can be talked to, and searches its files.

    Every method raises ProviderError.
    """

    keeps_agents: bool  # whether there is anything at a vendor at all

    def ensure(self, expert: Expert, *, timeout: float, new: bool = False) -> None:
        """Find or make all that the expert needs, and make it what the expert is now.

        Takes `timeout` seconds at most. Sets secret_id, tool_id and agent_id on the expert, each
        as soon as it is known, also when it then raises. Nothing of a `new` expert is looked for.
        """

    def delete(self, parts: AgentParts) -> None:
        """Remove what the expert has there, known by its id or not; twice is no error."""

    def discard(self, parts: AgentParts) -> None:
        """Remove what has these ids, and nothing else of the expert; twice is no error."""

    def agents(self) -> Iterator[AgentParts]:
        """All that this site has made at the vendor, in an order in which it can be removed."""

    def session_url(self, expert: Expert) -> str:
        """A signed address at which the person's browser can talk with the agent.

        Raises NoAgentError when there is none.
        """

    def voices(self) -> list[Voice]:
        """The voices to choose from, by name."""
