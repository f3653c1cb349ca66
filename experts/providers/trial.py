"""One small real call to each provider that is chosen: does it answer, and if not, what to do."""

import time
from collections.abc import Callable
from math import ceil
from textwrap import shorten
from typing import NamedTuple
from uuid import uuid4

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from experts.models import Expert, Passage
from experts.providers import get_answerer, get_embedder, get_vector_store, get_voice_agents
from experts.providers.base import NOT_REACHABLE, PausedError, ProviderError, Quote
from experts.providers.files import storage_errors

QUESTION = "When does the café open?"


class Trial(NamedTuple):
    """How a provider did; `note` says what answered, or what to do."""

    kind: str
    choice: str
    passed: bool
    milliseconds: int
    note: str


def try_all() -> list[Trial]:
    """Try every kind of provider as it is chosen. Never raises ProviderError."""
    return [attempt(kind, call) for kind, call in CALLS.items()]


def attempt(kind: str, call: Callable[[], str]) -> Trial:
    start = time.monotonic()
    try:
        passed, note = True, call()
    except PausedError as error:
        passed, note = False, f"{error} Try again in {ceil(error.seconds)} s."
    except ProviderError as error:
        passed, note = False, str(error)
    elapsed = round((time.monotonic() - start) * 1000)
    return Trial(kind, settings.PROVIDERS[kind], passed, elapsed, note)


def embed() -> str:
    embedder = get_embedder()
    vector = embedder.embed_query(QUESTION)
    return f"{embedder.name}, {len(vector)} dimensions"


def find() -> str:
    """Search, which checks the dimensions, and forget a file that never was."""
    store, nothing = get_vector_store(), uuid4()
    name, dimensions = what_is_to_be_stored()
    vector = [1.0] + [0.0] * (dimensions - 1)
    store.search(vector, file_ids=[nothing], model=name, limit=1)
    store.delete(owner_id=0, file_id=nothing, passages=1)
    return f"takes vectors of {dimensions} numbers"


def what_is_to_be_stored() -> tuple[str, int]:
    """The embedder's name and the length of its vectors."""
    try:
        embedder = get_embedder()
        return embedder.name, embedder.dimensions
    except ProviderError as error:
        raise ProviderError(
            f"Not tried: the embedder does not say what to store. {error}"
        ) from None


def answer() -> str:
    answerer = get_answerer()
    text = "The café opens at nine in the morning."
    passage = Passage(ordinal=0, page=1, location="Page 1", start=0, end=len(text), text=text)
    quote = Quote(number=1, passage=passage, file_name="hours.txt")
    words = answerer.answer(QUESTION, [quote], expert=Expert(name="Trial"), history=[])
    return f"{answerer.name}: {shorten(''.join(words), 60, placeholder=' …')}"


def speak() -> str:
    """List voices and agents; the vendor has to reach us, too."""
    if settings.PROVIDERS["VOICE"] == "none":
        return "text only"
    voices = get_voice_agents().voices()
    found = next(get_voice_agents().agents(), None)
    if not settings.PUBLIC_URL:
        raise ProviderError(NOT_REACHABLE)
    agents = "agents can be listed" if found else "no agents yet"
    return f"{len(voices)} voices to choose from, {agents}"


def store() -> str:
    """Write, read and remove a small file."""
    with storage_errors():
        name = default_storage.save("trial/hello.txt", ContentFile(b"hello"))
        try:
            with default_storage.open(name) as file:
                content = file.read()
        finally:
            default_storage.delete(name)
    if content != b"hello":
        raise ProviderError("The storage gave back something else than was put in.")
    return "writes, reads and removes"


CALLS = {
    "EMBEDDER": embed,
    "VECTOR_STORE": find,
    "ANSWERER": answer,
    "VOICE": speak,
    "STORAGE": store,
}
