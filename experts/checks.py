"""What `manage.py check` says of the providers: which key is missing, what contradicts what."""

import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections

from experts.providers.vendor import own_server

# What each choice cannot do without, and the choice that needs nothing.
NEEDED = {
    ("EMBEDDER", "openai"): ("openai_api_key", "local"),
    ("ANSWERER", "openai"): ("openai_api_key", "extractive"),
    ("VECTOR_STORE", "pinecone"): ("pinecone_api_key", "pgvector"),
    ("VOICE", "elevenlabs"): ("elevenlabs_api_key", "none"),
    ("STORAGE", "s3"): ("aws_storage_bucket_name", "filesystem"),
}
EXTENSION = "vector"
LONGEST_EMBEDDINGS = {
    "text-embedding-3-small": 1536,
    "text-embedding-3-large": 3072,
    "text-embedding-ada-002": 1536,
}
ADDRESSES = ("pinecone_controller_host", "elevenlabs_base_url", "aws_endpoint_url_s3")
MODELS = {"EMBEDDER": "openai_embedding_model", "ANSWERER": "openai_chat_model"}


@register("providers")
def choices_have_their_keys(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """A vendor that is chosen needs its key; a compatible server of one's own needs none."""
    environment = settings.ENVIRONMENT
    return [
        Error(
            f"{kind} is {choice}, but {key.upper()} is not set.",
            hint=f"Set {key.upper()}, or choose {kind}={keyless}.",
            id="experts.E001",
        )
        for (kind, choice), (key, keyless) in NEEDED.items()
        if settings.PROVIDERS[kind] == choice
        and not getattr(environment, key)
        and not (choice == "openai" and own_server())
    ]


@register("providers")
def openai_fits_together(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    environment, chosen = settings.ENVIRONMENT, settings.PROVIDERS
    base_url, model = environment.openai_base_url, environment.openai_embedding_model
    if base_url and not is_address(base_url):
        yield Error(
            "OPENAI_BASE_URL is not an address.",
            hint="It looks like http://localhost:11434/v1.",
            id="experts.E002",
        )
    if base_url and "openai" not in {chosen["EMBEDDER"], chosen["ANSWERER"]}:
        yield Warning(
            "OPENAI_BASE_URL is set, but nothing uses it.",
            hint="Set ANSWERER=openai, EMBEDDER=openai or both.",
            id="experts.W001",
        )
    longest, asked = LONGEST_EMBEDDINGS.get(model), environment.openai_embedding_dimensions
    fixed = model == "text-embedding-ada-002"
    if longest and asked and (asked > longest or (fixed and asked < longest)):
        yield Error(
            f"OPENAI_EMBEDDING_DIMENSIONS is {asked}, but {model} makes {longest}.",
            hint="Set none, or for a text-embedding-3 model a smaller number.",
            id="experts.E003",
        )
    if environment.openai_chat_price_returned is not None and environment.openai_chat_price is None:
        yield Warning(
            "OPENAI_CHAT_PRICE_RETURNED is set, but OPENAI_CHAT_PRICE is not: neither is used.",
            hint="Set both, in dollars for a million tokens.",
            id="experts.W006",
        )


@register("providers")
def a_server_of_one_s_own_fits_together(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    environment = settings.ENVIRONMENT
    parts, host = urlsplit(environment.openai_base_url), own_server()
    if not host:
        return
    if parts.path in ("", "/"):
        yield Warning(
            "OPENAI_BASE_URL has no path, but such servers listen below one.",
            hint="Mostly it ends in /v1, like http://localhost:11434/v1.",
            id="experts.W007",
        )
    for kind, name in MODELS.items():
        theirs = type(environment).model_fields[name].default
        if settings.PROVIDERS[kind] == "openai" and getattr(environment, name) == theirs:
            yield Warning(
                f"{name.upper()} is {theirs}, a model of OpenAI's own.",
                hint=f"Set it to a model that the server at {host} has.",
                id="experts.W008",
            )


@register("providers")
def addresses_are_addresses(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    given = [(name, getattr(settings.ENVIRONMENT, name)) for name in ADDRESSES]
    return [
        Error(
            f"{name.upper()} is not an address.",
            hint="It begins with https://, or with http:// on your own machine.",
            id="experts.E008",
        )
        for name, url in given
        if url and not is_address(url)
    ]


@register("providers")
def pinecone_fits_together(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    name = settings.ENVIRONMENT.pinecone_index
    fits = re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,43}[a-z0-9])?", name)
    if settings.PROVIDERS["VECTOR_STORE"] == "pinecone" and not fits:
        yield Error(
            f"Pinecone takes no index named {name!r}.",
            hint="PINECONE_INDEX has 1 to 45 of a-z, 0-9 and -, with no - at either end.",
            id="experts.E004",
        )


@register("providers")
def voice_fits_together(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    if settings.PROVIDERS["VOICE"] != "elevenlabs":
        if settings.ENVIRONMENT.elevenlabs_webhook_secret:
            yield unused("ELEVENLABS_WEBHOOK_SECRET", "VOICE is none", "ELEVENLABS_API_KEY")
        return
    if settings.ENVIRONMENT.elevenlabs_base_url.rstrip("/").endswith("/v1"):
        yield Error(
            "ELEVENLABS_BASE_URL ends in /v1, which the SDK adds itself.",
            hint="It looks like https://api.elevenlabs.io.",
            id="experts.E005",
        )
    if not is_address(settings.PUBLIC_URL, scheme="https"):
        yield Warning(
            "ElevenLabs cannot reach this site: PUBLIC_URL is no https:// address.",
            hint="Voice agents search the files through it, and are not made without. Set"
            " PUBLIC_URL to where people open the site, like https://experts.example.com, or"
            " choose VOICE=none.",
            id="experts.W002",
        )
    if not settings.ENVIRONMENT.elevenlabs_webhook_secret:
        yield Warning(
            "Talks are not kept: ELEVENLABS_WEBHOOK_SECRET is not set.",
            hint="Make a post-call webhook at ElevenLabs that calls /voice/events/ of this site,"
            " and set ELEVENLABS_WEBHOOK_SECRET to its secret. docs/providers.md says how.",
            id="experts.W005",
        )


@register("providers")
def s3_fits_together(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    environment = settings.ENVIRONMENT
    if settings.PROVIDERS["STORAGE"] != "s3":
        if environment.aws_endpoint_url_s3 and not environment.aws_storage_bucket_name:
            yield unused(
                "AWS_ENDPOINT_URL_S3", "files go to the data directory", "AWS_STORAGE_BUCKET_NAME"
            )
        return
    if bool(environment.aws_access_key_id) != bool(environment.aws_secret_access_key):
        yield Error(
            "Only one of AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY is set.",
            hint="Set both, or neither where the machine has a role of its own.",
            id="experts.E006",
        )
    if not (environment.aws_s3_region_name or environment.aws_endpoint_url_s3):
        yield Warning(
            "AWS_S3_REGION_NAME is not set: links are signed for us-east-1.",
            hint="Set it to the bucket's region.",
            id="experts.W003",
        )


@register(Tags.database)
def pgvector_is_installed(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None, **kwargs: Any
) -> Iterator[CheckMessage]:
    """Runs with `migrate` and `check --database default`, before anything needs the extension."""
    if settings.PROVIDERS["VECTOR_STORE"] != "pgvector":
        return
    for alias in databases or []:
        with connections[alias].cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [EXTENSION])
            if cursor.fetchone() is None:
                yield Error(
                    "This PostgreSQL server has no pgvector extension.",
                    hint="Install pgvector on it (https://github.com/pgvector/pgvector), unset"
                    " DATABASE_URL to use the embedded server, or set VECTOR_STORE=pinecone.",
                    id="experts.E007",
                )


def unused(name: str, because: str, missing: str) -> CheckMessage:
    return Warning(
        f"{name} is set, but nothing uses it: {because}.",
        hint=f"Set {missing} too, or remove it.",
        id="experts.W009",
    )


def is_address(url: str, *, scheme: str = "") -> bool:
    parts = urlsplit(url)
    return bool(parts.hostname) and parts.scheme in ({scheme} if scheme else {"http", "https"})
