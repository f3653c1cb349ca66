"""The vendors, played on loopback, and settings that lead the real SDKs there."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from experts.providers import patience, provider
from expertsite.environment import Environment
from tests.vendors import elevenlabs_standin, openai_standin, pinecone_standin
from tests.vendors.elevenlabs_standin import ElevenLabsStandIn
from tests.vendors.messages import KEY, Reply
from tests.vendors.openai_standin import OpenAIStandIn
from tests.vendors.pinecone_standin import PineconeStandIn
from tests.vendors.standin import StandIn

Configure = Callable[..., Environment]

# A refusal as each vendor words it, by status and headers.
REFUSE: dict[str, Callable[..., Reply]] = {
    "openai": lambda status, headers: openai_standin.refusal(status, "No", headers=headers),
    "pinecone": lambda status, headers: pinecone_standin.refusal(status, "No", headers),
    "elevenlabs": lambda status, headers: elevenlabs_standin.refusal(status, "no", "No", headers),
}


@pytest.fixture(autouse=True)
def no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short troubles are waited out quickly; pauses that a vendor asks for stay as they are."""
    monkeypatch.setattr(patience, "FIRST_PAUSE", 0.02)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Silence is given up on within a second."""
    for path in (
        "openai.embedder.OpenAIEmbedder.query_timeout",
        "pinecone.index.TIMEOUT",
        "pinecone.namespace.WRITE_TIMEOUT",
    ):
        monkeypatch.setattr(f"experts.providers.{path}", 0.3)
    for name in ("TIMEOUT", "SESSION_TIMEOUT", "VOICES_TIMEOUT", "LISTING_BUDGET"):
        monkeypatch.setattr(f"experts.providers.elevenlabs.agents.{name}", 1)
    monkeypatch.setattr("experts.providers.openai.answerer.patience", lambda model, compatible: 0.3)


@pytest.fixture
def openai_vendor() -> OpenAIStandIn:
    return OpenAIStandIn()


@pytest.fixture
def pinecone_vendor() -> PineconeStandIn:
    return PineconeStandIn()


@pytest.fixture
def elevenlabs_vendor() -> ElevenLabsStandIn:
    return ElevenLabsStandIn()


@pytest.fixture
def standin(
    db: None,  # the vendors' buckets and the ledger are rows
    openai_vendor: OpenAIStandIn,
    pinecone_vendor: PineconeStandIn,
    elevenlabs_vendor: ElevenLabsStandIn,
) -> Iterator[StandIn]:
    """All vendors on one port; a request that breaks a contract fails the test."""
    server = StandIn(openai_vendor, pinecone_vendor, elevenlabs_vendor)
    pinecone_vendor.host = server.url("pinecone")
    yield server
    server.close()
    assert server.violations == []


@pytest.fixture
def configure(settings: Settings) -> Iterator[Configure]:
    """Set variables of the environment, and choose the providers that they imply."""

    def set_variables(**variables: Any) -> Environment:
        environment = settings.ENVIRONMENT.model_copy(update=variables)
        settings.ENVIRONMENT = environment
        settings.PROVIDERS = environment.choices
        provider.cache_clear()
        return environment

    yield set_variables
    provider.cache_clear()


@pytest.fixture
def vendors(standin: StandIn, configure: Configure, settings: Settings) -> StandIn:
    """The stand-in, with keys and addresses set for all three."""
    settings.PUBLIC_URL = "https://experts.example.com"
    configure(
        openai_api_key=KEY,
        openai_base_url=standin.url("openai") + "/v1",
        openai_embedding_model="small",
        openai_embedding_dimensions=8,
        pinecone_api_key=KEY,
        pinecone_controller_host=standin.url("pinecone"),
        elevenlabs_api_key=KEY,
        elevenlabs_base_url=standin.url("elevenlabs"),
    )
    return standin
