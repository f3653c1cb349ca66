"""The process environment, typed and checked once, with every problem in one readable list."""

import os
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

BASE_DIR = Path(__file__).resolve().parent.parent
Secret = Annotated[str, Field(repr=False)]  # never shown, not even on Django's error page


class Environment(BaseSettings):
    """Every variable the product reads; the names are the fields' in capitals.

    A value in the process environment wins over one in `.env`, or in the file that ENV_FILE names.
    """

    model_config = SettingsConfigDict(
        env_file=os.environ.get("ENV_FILE", BASE_DIR / ".env"),
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    debug: bool = False
    secret_key: Secret = ""
    allowed_hosts: Annotated[list[str], NoDecode] = []
    port: int = Field(default=8000, ge=1, le=65535)
    database_url: Secret = ""
    expertsite_data_dir: Path = BASE_DIR / "var"
    public_url: str = ""
    log_format: Literal["console", "json"] | None = None
    max_upload_mb: int = Field(default=100, ge=1)
    queue_grace_period: float = Field(default=25, ge=0)
    queue_prepare_statements: bool = True
    queue_fairness: Literal["none", "owner"] = "none"
    embedder_threads: int = Field(default=2, ge=1)
    off_topic_below: float | None = Field(default=None, ge=-1, le=1)

    embedder: Literal["openai", "local"] | None = None
    vector_store: Literal["pinecone", "pgvector"] | None = None
    answerer: Literal["openai", "extractive"] | None = None
    voice: Literal["elevenlabs", "none"] | None = None
    storage: Literal["s3", "filesystem"] | None = None
    storage_links: Literal["signed", "off"] = "signed"

    openai_api_key: Secret = ""
    openai_base_url: str = ""
    openai_embedding_model: str = "text-embedding-3-small"
    openai_embedding_dimensions: int | None = Field(default=None, ge=1)
    openai_chat_model: str = "gpt-4o-mini"
    openai_embedding_requests_per_minute: int | None = Field(default=None, ge=1)
    openai_embedding_tokens_per_minute: int | None = Field(default=None, ge=1)
    openai_chat_requests_per_minute: int | None = Field(default=None, ge=1)
    openai_chat_tokens_per_minute: int | None = Field(default=None, ge=1)
    openai_embedding_price: Decimal | None = Field(default=None, ge=0)
    openai_chat_price: Decimal | None = Field(default=None, ge=0)
    openai_chat_price_returned: Decimal | None = Field(default=None, ge=0)
    pinecone_api_key: Secret = ""
    pinecone_index: str = "experts"
    pinecone_controller_host: str = ""
    pinecone_cloud: Literal["aws", "gcp", "azure"] = "aws"
    pinecone_region: str = "us-east-1"
    pinecone_requests_per_minute: int | None = Field(default=None, ge=1)
    elevenlabs_api_key: Secret = ""
    elevenlabs_base_url: str = ""
    elevenlabs_webhook_secret: Secret = ""
    aws_storage_bucket_name: str = ""
    aws_access_key_id: Secret = ""
    aws_secret_access_key: Secret = ""
    aws_session_token: Secret = ""
    aws_endpoint_url_s3: str = ""
    aws_s3_region_name: str = ""

    @field_validator("allowed_hosts", mode="before")
    @classmethod
    def split_at_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [host.strip() for host in value.split(",") if host.strip()]
        return value

    @field_validator(
        "openai_api_key",
        "pinecone_api_key",
        "elevenlabs_api_key",
        "elevenlabs_webhook_secret",
        "aws_access_key_id",
        "aws_secret_access_key",
        "aws_session_token",
    )
    @classmethod
    def as_a_header_takes_it(cls, value: str) -> str:
        """A line break at the end comes from a file or a clipboard, and breaks every call."""
        value = value.strip()
        if not all("!" <= character <= "~" for character in value):
            raise ValueError("has a character that no key has; copy it once more")
        return value

    @field_validator("expertsite_data_dir")
    @classmethod
    def relative_to_the_project(cls, value: Path) -> Path:
        return (BASE_DIR / value.expanduser()).resolve()

    @field_validator("secret_key", "allowed_hosts")
    @classmethod
    def production_says_who_it_is(cls, value: str | list[str], known: ValidationInfo) -> object:
        """A field of its own, so that it is listed beside whatever else is wrong."""
        if not value and known.data.get("debug") is False:
            raise ValueError(
                "must be set in production; on your own machine set DEBUG=1"
                " (`make setup` writes it to .env)"
            )
        return value

    @property
    def secrets(self) -> list[str]:
        """Every secret that is set, for whoever must keep them out of what people read."""
        fields = type(self).model_fields.items()
        return [
            value for name, field in fields if not field.repr and (value := getattr(self, name))
        ]

    @property
    def choices(self) -> dict[str, str]:
        """Each provider by name: what was chosen, else what the keys present imply."""
        return {
            "EMBEDDER": self.embedder or ("openai" if self.openai_api_key else "local"),
            "VECTOR_STORE": self.vector_store
            or ("pinecone" if self.pinecone_api_key else "pgvector"),
            "ANSWERER": self.answerer or ("openai" if self.openai_api_key else "extractive"),
            "VOICE": self.voice or ("elevenlabs" if self.elevenlabs_api_key else "none"),
            "STORAGE": self.storage or ("s3" if self.aws_storage_bucket_name else "filesystem"),
        }


def read_environment(**overrides: Any) -> Environment:
    """Read and check the environment. Raises ImproperlyConfigured with all problems at once."""
    try:
        return Environment(**overrides)
    except ValidationError as invalid:
        problems = [describe(problem) for problem in invalid.errors()]
        raise ImproperlyConfigured(
            "The environment needs attention:\n" + "\n".join(f"  - {line}" for line in problems)
        ) from None


def describe(problem: Any) -> str:
    """One line a person can act on: NAME: what is wrong."""
    name = ".".join(str(part) for part in problem["loc"]).upper()
    message = problem["msg"].removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
