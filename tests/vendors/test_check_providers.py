"""`manage.py check_providers`: one real call to each, in a table that says what to do."""

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from pytest_django import Settings

from tests.vendors.conftest import REFUSE, Configure
from tests.vendors.elevenlabs_standin import refusal
from tests.vendors.messages import KEY, Hang, Reset, Stream
from tests.vendors.openai_standin import OpenAIStandIn, chunks
from tests.vendors.pinecone_standin import PineconeStandIn
from tests.vendors.standin import StandIn

pytestmark = pytest.mark.django_db


def table(*, fails: bool = False) -> list[str]:
    out = StringIO()
    if fails:
        with pytest.raises(SystemExit, match="1"):
            call_command("check_providers", stdout=out)
    else:
        call_command("check_providers", stdout=out)
    head, *lines = out.getvalue().splitlines()
    assert head.split() == ["Part", "Provider", "Took", "What", "it", "says"]
    return lines


def test_when_all_answer_each_has_a_line_and_the_exit_is_clean(vendors: StandIn) -> None:
    lines = table()
    assert [line.split()[0] for line in lines] == ["✓"] * 5
    assert "embedder      openai" in lines[0]
    assert "small, 8 dimensions" in lines[0]
    assert "The café opens at nine [1]." in lines[2]
    assert " ms " in lines[0]


def test_it_really_calls_each_vendor(vendors: StandIn, pinecone_vendor: PineconeStandIn) -> None:
    pinecone_vendor.make_index("experts", dimension=8)
    table()
    assert {request.vendor for request in vendors.requests} == {"openai", "pinecone", "elevenlabs"}
    assert vendors.asked("/vectors/delete")


def test_it_leaves_nothing_behind(
    vendors: StandIn, pinecone_vendor: PineconeStandIn, settings: Settings
) -> None:
    table()
    assert pinecone_vendor.indexes == {}
    assert not vendors.asked("/agents/create")
    assert not list(Path(settings.MEDIA_ROOT).glob("trial/*"))


def test_a_rejected_key_has_a_cross_and_its_remedy_and_the_others_still_run(
    vendors: StandIn, configure: Configure
) -> None:
    configure(elevenlabs_api_key="a-wrong-key-98765")
    lines = table(fails=True)
    assert [line.split()[0] for line in lines] == ["✓", "✓", "✓", "✗", "✓"]
    assert "ElevenLabs rejected the key. Check ELEVENLABS_API_KEY." in lines[3]
    assert KEY not in str(lines)
    assert "98765" not in str(lines)


def test_an_index_of_other_dimensions_is_found_out(
    vendors: StandIn, pinecone_vendor: PineconeStandIn
) -> None:
    pinecone_vendor.make_index("experts", dimension=1536)
    assert "holds vectors of 1536 numbers" in table(fails=True)[1]


def test_a_vendor_that_is_down_is_called_so(vendors: StandIn) -> None:
    vendors.misbehave("/agents", refusal(503, "down", "Maintenance until noon"), times=9)
    assert "trouble of its own (HTTP 503). Maintenance until noon" in table(fails=True)[3]


def test_a_storage_that_cannot_be_written_is_called_so(
    vendors: StandIn, settings: Settings, tmp_path: Path
) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("no directory")
    settings.MEDIA_ROOT = occupied
    assert "The storage failed: " in table(fails=True)[4]


def test_a_missing_key_is_named(vendors: StandIn, configure: Configure) -> None:
    configure(pinecone_api_key="", vector_store="pinecone")
    assert "PINECONE_API_KEY is not set" in table(fails=True)[1]


ASKED = {
    "/embeddings": "openai",
    "/indexes/experts": "pinecone",
    "/chat/completions": "openai",
    "/voices": "elevenlabs",
}
SERVER = "the server at 127.0.0.1"


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        (
            (429, {"Retry-After": "38"}),
            "Paused by {}, which asks for fewer requests. Try again in 38 s.",
        ),
        ((500, {}), "{} has trouble of its own (HTTP 500). No"),
        ((403, {}), "{} does not allow this to the key in {}_API_KEY"),
        ((402, {}), "{} asks for payment. Settle the account's billing."),
        (Hang(), "{} did not answer within "),
        (Reset(), "The connection to {} failed. Is its address right, the network up?"),
    ],
    ids=["429", "500", "403", "402", "silence", "torn"],
)
def test_every_fault_of_every_vendor_has_a_line_that_says_what_it_is(
    vendors: StandIn, impatient: None, fault: Any, says: str
) -> None:
    for path, vendor in ASKED.items():
        answer = REFUSE[vendor](*fault) if isinstance(fault, tuple) else fault
        vendors.misbehave(path, answer, times=99)
    lines = table(fails=True)
    assert [line[0] for line in lines] == ["✗", "✗", "✗", "✗", "✓"]
    names = ((SERVER, "OPENAI"), ("Pinecone", "PINECONE"), (SERVER, "OPENAI"))
    for line, (name, key) in zip(lines, (*names, ("ElevenLabs", "ELEVENLABS")), strict=False):
        assert says.format(name, key).lower() in line.lower()
        assert len(line) < 200


def test_half_a_stream_is_told(vendors: StandIn) -> None:
    half = Stream(chunks(["The ", "café "], model="m"), ending="early")
    vendors.misbehave("/chat/completions", half)
    assert "broke off in the middle of the answer" in table(fails=True)[2]


def test_vectors_of_a_wrong_length_are_told_with_both_numbers(
    vendors: StandIn, openai_vendor: OpenAIStandIn
) -> None:
    openai_vendor.dimensions = 5
    assert "vectors of 5 numbers instead of 8" in table(fails=True)[0]


def test_a_site_that_elevenlabs_cannot_reach_is_told(vendors: StandIn, settings: Settings) -> None:
    settings.PUBLIC_URL = ""
    assert "Set PUBLIC_URL" in table(fails=True)[3]
