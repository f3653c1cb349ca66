"""Operators see which providers do the work, and which of them ask for patience."""

import pytest
from django.test import Client

from experts.providers import bucket
from tests.vendors.conftest import Configure
from tests.vendors.messages import KEY
from tests.views.html import texts

pytestmark = pytest.mark.django_db

QUEUE = "/dashboard/queue/"


def test_without_keys_everything_is_done_here(admin_client: Client) -> None:
    page = admin_client.get(QUEUE)
    assert texts(page, "#providers td:nth-child(2)") == [
        "all-MiniLM-L6-v2, on this machine",
        "pgvector, in this PostgreSQL",
        "Quotations, without a model",
        "None: text only",
        "The data directory",
    ]


def test_vendors_are_named_with_what_of_them_is_used(
    admin_client: Client, configure: Configure
) -> None:
    configure(openai_api_key=KEY, pinecone_api_key=KEY, aws_storage_bucket_name="papers")
    page = admin_client.get(QUEUE)
    assert texts(page, "#providers td:nth-child(2)") == [
        "OpenAI, text-embedding-3-small",
        "Pinecone, index experts",
        "OpenAI, gpt-4o-mini",
        "None: text only",
        "S3, bucket papers",
    ]
    assert KEY not in page.content.decode()


def test_a_vendor_that_asks_for_patience_is_shown_as_paused(
    admin_client: Client, configure: Configure
) -> None:
    configure(openai_api_key=KEY, pinecone_api_key=KEY)
    bucket.close("OpenAI: embeddings", 200)
    bucket.close("Pinecone: writes", 38)
    states = texts(admin_client.get(QUEUE), "#providers td:nth-child(3)")
    assert states[0] == "Paused, resumes in 3 min"
    assert states[1].startswith("Writes paused, resumes in 3")
    assert states[2:] == ["In use", "Off", "In use"]
