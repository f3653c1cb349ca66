"""Keys stay where they belong, also when a vendor repeats them in its refusal."""

import logging
import traceback
from collections.abc import Callable

import pytest

from experts.models import Expert
from experts.providers import get_embedder, get_vector_store, get_voice_agents
from experts.providers.base import ProviderError
from tests.vendors.conftest import Configure
from tests.vendors.messages import KEY, Reply
from tests.vendors.standin import StandIn

CALLS: dict[str, tuple[str, Callable[[], object]]] = {
    "openai": ("/embeddings", lambda: get_embedder().embed_query("coffee")),
    "pinecone": (
        "/indexes/experts",
        lambda: get_vector_store().search([1.0] * 8, file_ids=[], model="small", limit=1),
    ),
    "elevenlabs": ("/secrets", lambda: get_voice_agents().ensure(Expert(name="A"), timeout=5)),
}
REFUSALS = {
    "openai": {"error": {"message": f"Bad: {KEY}"}},
    "pinecone": {"status": 400, "error": {"code": "INVALID_ARGUMENT", "message": f"Bad: {KEY}"}},
    "elevenlabs": {"detail": {"status": "bad", "message": f"Bad: {KEY}"}},
}


@pytest.mark.parametrize("status", [400, 401, 403, 500])
@pytest.mark.parametrize("vendor", CALLS)
def test_neither_error_nor_traceback_nor_log_repeats_the_key(
    vendors: StandIn, vendor: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    path, call = CALLS[vendor]
    vendors.misbehave(path, Reply(REFUSALS[vendor], status), times=9)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderError) as raised:
        call()
    assert KEY not in "".join(traceback.format_exception(raised.value))
    assert KEY not in caplog.text


def test_the_environment_can_be_printed(configure: Configure) -> None:
    environment = configure(
        openai_api_key=KEY,
        pinecone_api_key=KEY,
        elevenlabs_api_key=KEY,
        elevenlabs_webhook_secret=KEY,
        aws_access_key_id=KEY,
        aws_secret_access_key=KEY,
        secret_key=KEY,
        database_url=f"postgresql://me:{KEY}@db/x",
    )
    assert KEY not in f"{environment!r} {environment}"
    assert len(environment.secrets) == 8
