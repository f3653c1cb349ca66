"""Which providers are in use, as operators see it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil

from django.conf import settings

from experts.models import VendorBucket
from experts.providers.files import VENDOR as STORAGE
from experts.providers.vendor import openai_name
from experts.views.phrases import span

PARTS = {
    "EMBEDDER": "Embeddings",
    "VECTOR_STORE": "Vectors",
    "ANSWERER": "Answers",
    "VOICE": "Voices",
    "STORAGE": "Files",
}
IN_USE = "In use"
SERVICES = {"EMBEDDER": "embeddings", "ANSWERER": "answers"}  # of one vendor, paused apart
EMBEDDED = {
    "local": "all-MiniLM-L6-v2, on this machine",
    "pgvector": "pgvector, in this PostgreSQL",
    "extractive": "Quotations, without a model",
    "none": "None: text only",
    "filesystem": "The data directory",
}


@dataclass(frozen=True)
class InUse:
    """A part of the product, what does it, and whether its vendor asks for patience now."""

    part: str
    provider: str
    state: str


def providers_in_use() -> list[InUse]:
    closed = VendorBucket.objects.filter(closed_until__gt=datetime.now(UTC)).order_by("vendor")
    until = dict(closed.values_list("vendor", "closed_until"))
    return [
        InUse(PARTS[kind], *described(kind, choice, until))
        for kind, choice in settings.PROVIDERS.items()
    ]


def described(kind: str, choice: str, until: dict[str, datetime]) -> tuple[str, str]:
    """What to call a choice, and its state: "Paused, resumes in 38 s"."""
    if choice in EMBEDDED:
        return EMBEDDED[choice], "Off" if choice == "none" else IN_USE
    environment = settings.ENVIRONMENT
    vendor, of_it = {
        "openai": (openai_name(), model(kind)),
        "pinecone": ("Pinecone", f"index {environment.pinecone_index}"),
        "elevenlabs": ("ElevenLabs", ""),
        "s3": (STORAGE.name, f"bucket {environment.aws_storage_bucket_name}"),
    }[choice]
    name = "S3" if choice == "s3" else vendor[0].upper() + vendor[1:]
    paused = [
        paused_in_words("" if kind in SERVICES else service, end)
        for (of, _, service), end in ((key.partition(": "), end) for key, end in until.items())
        if of == vendor and SERVICES.get(kind, service) == service
    ]
    return f"{name}, {of_it}" if of_it else name, "; ".join(paused) or IN_USE


def model(kind: str) -> str:
    environment = settings.ENVIRONMENT
    if kind == "EMBEDDER":
        return str(environment.openai_embedding_model)
    return str(environment.openai_chat_model)


def paused_in_words(service: str, until: datetime) -> str:
    """ "Paused, resumes in 38 s", or of one service among several "Writes paused, resumes in …"."""
    left = (until - datetime.now(UTC)).total_seconds()
    paused = f"{service.capitalize()} paused" if service else "Paused"
    return f"{paused}, resumes in {span(max(1, ceil(left)))}"
