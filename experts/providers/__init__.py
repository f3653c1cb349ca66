"""Providers: a vendor or an embedded part behind a small interface, chosen by the environment.

Each is imported only when chosen, so a copy without keys never loads a vendor's SDK.
"""

from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, cast

from django.conf import settings

if TYPE_CHECKING:
    from experts.providers.base import Answerer, Embedder, VectorStore, VoiceAgents

IMPLEMENTATIONS = {
    "EMBEDDER": {
        "local": "experts.providers.local_embedder.LocalEmbedder",
        "openai": "experts.providers.openai.OpenAIEmbedder",
    },
    "VECTOR_STORE": {
        "pgvector": "experts.providers.pgvector_store.PgvectorStore",
        "pinecone": "experts.providers.pinecone.PineconeStore",
    },
    "ANSWERER": {
        "extractive": "experts.providers.extractive.ExtractiveAnswerer",
        "openai": "experts.providers.openai.OpenAIAnswerer",
    },
    "VOICE": {
        "none": "experts.providers.local_voice.NoVoice",
        "elevenlabs": "experts.providers.elevenlabs.ElevenLabsAgents",
    },
}


@cache
def provider(kind: str, choice: str) -> Any:
    """The one instance a process keeps of a provider."""
    module, _, name = IMPLEMENTATIONS[kind][choice].rpartition(".")
    return getattr(import_module(module), name)()


def get_embedder() -> "Embedder":
    return cast("Embedder", provider("EMBEDDER", settings.PROVIDERS["EMBEDDER"]))


def get_vector_store() -> "VectorStore":
    return cast("VectorStore", provider("VECTOR_STORE", settings.PROVIDERS["VECTOR_STORE"]))


def get_answerer() -> "Answerer":
    return cast("Answerer", provider("ANSWERER", settings.PROVIDERS["ANSWERER"]))


def get_voice_agents() -> "VoiceAgents":
    return cast("VoiceAgents", provider("VOICE", settings.PROVIDERS["VOICE"]))


def warm_up() -> None:
    """Load what answers questions, so that the first one does not wait for it (1 to 3 s).

    What is wrong with a provider is said by the first question, not here.
    """
    from experts.providers.base import ProviderError  # its interfaces name the models

    with suppress(ProviderError):
        get_answerer()
        get_vector_store()
        if settings.PROVIDERS["EMBEDDER"] == "local":
            get_embedder().embed_query("Is anybody there?")
