"""Every call to every vendor, met by every fault: what comes out, and what it costs."""

from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User

from experts.models import Expert, Passage
from experts.providers import get_answerer, get_embedder, get_vector_store, get_voice_agents
from experts.providers.base import AgentParts, PausedError, ProviderError
from tests.factories import ExpertFactory, SourceFileFactory
from tests.vendors.conftest import REFUSE
from tests.vendors.messages import KEY, Answer, Hang, Reply, Reset
from tests.vendors.standin import StandIn

pytestmark = pytest.mark.usefixtures("impatient")

VECTOR = [1.0] + [0.0] * 7


class Case(NamedTuple):
    """A call, the end of the path that it asks, and whether anything was made before."""

    vendor: str
    path: str
    call: Callable[["World"], object]
    prepared: bool = True
    deletes: bool = False


class World(NamedTuple):
    """What the calls are made with: an expert with an agent, a passage of a file."""

    expert: Expert
    passage: Passage


def voice(world: World) -> str:
    return get_voice_agents().session_url(world.expert)


def ensured(world: World, *, new: bool = False) -> None:
    get_voice_agents().ensure(world.expert, timeout=1, new=new)


def made(world: World) -> None:
    get_voice_agents().ensure(Expert(name="New"), timeout=1, new=True)


def discarded(name: str) -> Callable[[World], None]:
    def discard(world: World) -> None:
        parts = {name: getattr(world.expert, name)}
        get_voice_agents().discard(AgentParts(world.expert.pk, **parts))

    return discard


def upserted(world: World) -> None:
    get_vector_store().upsert([world.passage], [VECTOR], model="small")


def searched(world: World) -> object:
    ids = [world.passage.source_file_id]
    return get_vector_store().search(VECTOR, file_ids=ids, model="small", limit=1)


def deleted(world: World) -> None:
    file = world.passage.source_file
    get_vector_store().delete(owner_id=file.owner_id, file_id=file.pk, passages=1)


def answered(world: World) -> str:
    return "".join(get_answerer().answer("When?", [], expert=world.expert, history=[]))


CALLS = {
    "embedding passages": Case(
        "openai", "/embeddings", lambda world: get_embedder().embed_passages(["coffee"])
    ),
    "embedding a question": Case(
        "openai", "/embeddings", lambda world: get_embedder().embed_query("coffee")
    ),
    "answering": Case("openai", "/chat/completions", answered),
    "looking up the index": Case("pinecone", "/indexes/experts", searched),
    "making the index": Case("pinecone", "/indexes", upserted, prepared=False),
    "storing vectors": Case("pinecone", "/vectors/upsert", upserted),
    "searching vectors": Case("pinecone", "/query", searched),
    "deleting vectors": Case("pinecone", "/vectors/delete", deleted, deletes=True),
    "listing vectors": Case(
        "pinecone",
        "/vectors/list",
        lambda world: get_vector_store().recount(world.passage.source_file),
    ),
    "listing namespaces": Case(
        "pinecone", "/namespaces", lambda world: list(get_vector_store().held())
    ),
    "making a secret": Case("elevenlabs", "/secrets", made),
    "making a tool": Case("elevenlabs", "/tools", made),
    "making an agent": Case("elevenlabs", "/agents/create", made),
    "changing a secret": Case("elevenlabs", "secret_001", ensured),
    "changing a tool": Case("elevenlabs", "tool_001", ensured),
    "changing an agent": Case("elevenlabs", "agent_001", ensured),
    "deleting a secret": Case("elevenlabs", "secret_001", discarded("secret_id"), deletes=True),
    "deleting a tool": Case("elevenlabs", "tool_001", discarded("tool_id"), deletes=True),
    "deleting an agent": Case("elevenlabs", "agent_001", discarded("agent_id"), deletes=True),
    "listing agents": Case(
        "elevenlabs", "/agents", lambda world: list(get_voice_agents().agents())
    ),
    "listing tools": Case("elevenlabs", "/tools", lambda world: list(get_voice_agents().agents())),
    "listing secrets": Case(
        "elevenlabs", "/secrets", lambda world: list(get_voice_agents().agents())
    ),
    "listing voices": Case("elevenlabs", "/voices", lambda world: get_voice_agents().voices()),
    "signing an address": Case("elevenlabs", "/get-signed-url", voice),
}
NAMES = {"openai": "the server at 127.0.0.1", "pinecone": "Pinecone", "elevenlabs": "ElevenLabs"}


@pytest.fixture(params=CALLS)
def case(request: Any) -> Case:
    return CALLS[request.param]


@pytest.fixture
def world(vendors: StandIn, case: Case, alice: User) -> World:
    """Everything is made and stored once, as far as the call wants that."""
    passage = Passage(source_file=SourceFileFactory(owner=alice), ordinal=0, page=1, start=0, end=1)
    passage.save()
    expert = ExpertFactory(owner=alice)
    if case.vendor == "elevenlabs":
        get_voice_agents().ensure(expert, timeout=5, new=True)
    elif case.vendor == "pinecone" and case.prepared:
        upserted(World(expert, passage))
        get_vector_store()._index.forget()  # type: ignore[attr-defined]  # so that it is looked up
    vendors.requests.clear()
    return World(expert, passage)


def met(vendors: StandIn, case: Case, world: World, answer: Answer) -> ProviderError:
    """What the call raises when it is answered so, for ever."""
    vendors.faults.clear()
    vendors.misbehave(case.path, answer, times=99)
    with pytest.raises(ProviderError) as raised:
        case.call(world)
    assert KEY not in str(raised.value)
    return raised.value


def test_429_is_a_pause_that_the_next_call_keeps(
    vendors: StandIn, case: Case, world: World
) -> None:
    slow = REFUSE[case.vendor](429, {"Retry-After": "38"})
    paused = met(vendors, case, world, slow)
    assert isinstance(paused, PausedError)
    assert (paused.vendor, paused.seconds) == (NAMES[case.vendor], 38)
    asked = len(vendors.asked(case.path))
    with pytest.raises(PausedError):
        case.call(world)
    assert len(vendors.asked(case.path)) == asked == 1


def test_silence_is_given_up_on(vendors: StandIn, case: Case, world: World) -> None:
    error = met(vendors, case, world, Hang())
    assert not error.permanent
    assert "did not answer within" in str(error)
    assert len(vendors.asked(case.path)) == 1


def test_what_may_pass_is_worth_another_try_and_what_may_not_fails_at_once(
    vendors: StandIn, case: Case, world: World
) -> None:
    busy = met(vendors, case, world, REFUSE[case.vendor](500, {}))
    assert (busy.permanent, busy.retry_after) == (False, None)
    assert "has trouble of its own (HTTP 500). No" in str(busy)
    asked = len(vendors.asked(case.path))
    assert asked == 1 if case.call is made else asked <= 3  # a making may have been done
    torn = met(vendors, case, world, Reset())
    assert not torn.permanent
    assert f"The connection to {NAMES[case.vendor]} failed" in str(torn)
    asked = len(vendors.asked(case.path))
    rejected = met(vendors, case, world, REFUSE[case.vendor](401, {}))
    assert rejected.permanent
    assert f"rejected the key. Check {case.vendor.upper()}_API_KEY." in str(rejected)
    assert len(vendors.asked(case.path)) == asked + 1
    if not case.deletes:  # whatever else the answer to that says, it says that it is done
        for kind in ("application/json", "text/html"):
            nonsense = Reply("<html>", headers={"Content-Type": kind}, described=False)
            garbled = met(vendors, case, world, nonsense)
            assert not garbled.permanent
            assert "sent an answer that cannot be understood" in str(garbled)
