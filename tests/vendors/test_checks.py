"""What `manage.py check` says of the providers, before anything goes wrong."""

from io import StringIO
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from tests.vendors.conftest import Configure
from tests.vendors.messages import KEY


def complaints(**kwargs: Any) -> dict[str, str]:
    """Messages of our own checks, by id."""
    found = run_checks(tags=["providers"], **kwargs)
    return {str(message.id): f"{message.msg} {message.hint}" for message in found}


def test_without_any_key_there_is_nothing_to_say(configure: Configure) -> None:
    configure()
    assert complaints() == {}


@pytest.mark.parametrize(
    ("choice", "key"),
    [
        ({"embedder": "openai"}, "OPENAI_API_KEY"),
        ({"answerer": "openai"}, "OPENAI_API_KEY"),
        ({"vector_store": "pinecone"}, "PINECONE_API_KEY"),
        ({"voice": "elevenlabs"}, "ELEVENLABS_API_KEY"),
        ({"storage": "s3"}, "AWS_STORAGE_BUCKET_NAME"),
    ],
)
def test_a_choice_without_its_key_says_which_and_what_else(
    configure: Configure, choice: dict[str, str], key: str
) -> None:
    configure(**choice)
    complaint = complaints()["experts.E001"]
    assert f"{key} is not set" in complaint
    assert f"Set {key}, or choose" in complaint


def test_the_command_prints_it_for_a_person(configure: Configure) -> None:
    configure(vector_store="pinecone")
    with pytest.raises(SystemCheckError) as raised:
        call_command("check", stdout=StringIO())
    assert "VECTOR_STORE is pinecone, but PINECONE_API_KEY is not set." in str(raised.value)
    assert "Set PINECONE_API_KEY, or choose VECTOR_STORE=pgvector." in str(raised.value)


def test_a_server_of_one_s_own_needs_no_key(configure: Configure) -> None:
    configure(
        answerer="openai", openai_base_url="http://localhost:11434/v1", openai_chat_model="qwen3"
    )
    assert complaints() == {}


@pytest.mark.parametrize(
    ("variables", "complaint"),
    [
        ({"openai_base_url": "localhost", "openai_api_key": KEY}, "experts.E002"),
        ({"openai_base_url": "http://localhost/v1"}, "experts.W001"),
        ({"openai_embedding_dimensions": 5000}, "experts.E003"),
        (
            {
                "openai_embedding_model": "text-embedding-ada-002",
                "openai_embedding_dimensions": 256,
            },
            "experts.E003",
        ),
        ({"openai_chat_price_returned": 1}, "experts.W006"),
        ({"openai_base_url": "http://localhost:11434", "answerer": "openai"}, "experts.W007"),
        ({"openai_base_url": "http://localhost/v1", "answerer": "openai"}, "experts.W008"),
        ({"openai_base_url": "http://localhost/v1", "embedder": "openai"}, "experts.W008"),
        ({"pinecone_controller_host": "api.pinecone.io"}, "experts.E008"),
        ({"elevenlabs_base_url": "api.elevenlabs.io"}, "experts.E008"),
        ({"aws_endpoint_url_s3": "minio:9000"}, "experts.E008"),
        ({"elevenlabs_webhook_secret": KEY}, "experts.W009"),
        ({"aws_endpoint_url_s3": "http://minio:9000"}, "experts.W009"),
        ({"pinecone_api_key": KEY, "pinecone_index": "My Index"}, "experts.E004"),
        ({"pinecone_api_key": KEY, "pinecone_index": "x" * 46}, "experts.E004"),
        (
            {"elevenlabs_api_key": KEY, "elevenlabs_base_url": "https://x.example/v1/"},
            "experts.E005",
        ),
        ({"elevenlabs_api_key": KEY}, "experts.W002"),
        ({"elevenlabs_api_key": KEY}, "experts.W005"),
        ({"aws_storage_bucket_name": "b", "aws_access_key_id": "id"}, "experts.E006"),
        ({"aws_storage_bucket_name": "b"}, "experts.W003"),
    ],
)
def test_what_does_not_fit_together_is_explained(
    configure: Configure, variables: dict[str, Any], complaint: str
) -> None:
    configure(**variables)
    assert complaint in complaints()


def test_a_complete_set_of_vendors_passes(configure: Configure, settings: Settings) -> None:
    configure(
        openai_api_key=KEY,
        pinecone_api_key=KEY,
        elevenlabs_api_key=KEY,
        elevenlabs_webhook_secret=KEY,
        aws_storage_bucket_name="b",
        aws_s3_region_name="eu-central-1",
    )
    settings.PUBLIC_URL = "https://experts.example.com"
    assert complaints() == {}


@pytest.mark.django_db
def test_a_server_with_pgvector_passes(configure: Configure) -> None:
    configure()
    found = run_checks(tags=["database"], databases=["default"])
    assert "experts.E007" not in [message.id for message in found]


@pytest.mark.django_db
def test_a_server_without_pgvector_is_told_three_ways_out(
    configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure()
    monkeypatch.setattr("experts.checks.EXTENSION", "an extension that no server has")
    found = run_checks(tags=["database"], databases=["default"])
    (complaint,) = [message for message in found if message.id == "experts.E007"]
    assert "VECTOR_STORE=pinecone" in str(complaint.hint)
    configure(vector_store="pinecone", pinecone_api_key=KEY)
    assert not run_checks(tags=["database"], databases=["default"])


def test_no_message_repeats_a_secret(configure: Configure) -> None:
    configure(openai_api_key=KEY, aws_secret_access_key=KEY, storage="s3", openai_base_url="x")
    assert complaints()
    assert KEY not in str(complaints())
