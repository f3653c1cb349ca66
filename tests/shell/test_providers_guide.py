"""The guide about providers is held to the code."""

import re

import pytest

from experts.operations.voices import AGENT_BUDGET
from experts.providers.elevenlabs import agents
from experts.providers.elevenlabs.client import TIMEOUT as ELEVENLABS_TIMEOUT
from experts.providers.openai.answerer import patience
from experts.providers.openai.client import GRANTED
from experts.providers.openai.embedder import FEW_INPUTS, OFF_TOPIC, OpenAIEmbedder
from experts.providers.pinecone import index
from experts.tasks import AGENT_SECONDS
from tests.shell.processes import PROJECT

GUIDE = (PROJECT / "docs/providers.md").read_text()
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
LIMITS = {
    "OpenAI: embedding a question; a batch of passages": (OpenAIEmbedder.query_timeout, 60),
    "OpenAI: an answer, between two of its words; of a model that reasons": (
        patience("gpt-4o-mini", compatible=False),
        patience("o4-mini", compatible=False),
    ),
    "A compatible server: a batch of passages; an answer": (180, patience("x", compatible=True)),
    "Pinecone: a search, looking up the index": (index.TIMEOUT,),
    "Pinecone: storing, deleting, listing": (index.WRITE_TIMEOUT,),
    "Pinecone: until a new index is ready": (index.CREATION_TIMEOUT,),
    "ElevenLabs: a new expert's agent, all calls together": (AGENT_BUDGET,),
    "ElevenLabs: an agent made or changed in the background, all calls": (AGENT_SECONDS,),
    "ElevenLabs: removing; listing all": (ELEVENLABS_TIMEOUT, agents.LISTING_BUDGET),
    "ElevenLabs: the address for a talk; the list of voices": (
        agents.SESSION_TIMEOUT,
        agents.VOICES_TIMEOUT,
    ),
}


@pytest.mark.parametrize("call", LIMITS)
def test_the_time_limits_are_those_of_the_code(call: str) -> None:
    said = "; ".join(f"{seconds:g}" for seconds in LIMITS[call])
    assert f"| {call} | {said} |" in GUIDE


@pytest.mark.parametrize("vendor", ["OpenAI", "Pinecone", "ElevenLabs", "S3"])
def test_of_each_vendor_it_says_how_to_switch_it_on_what_it_costs_and_when_it_is_down(
    vendor: str,
) -> None:
    section = SECTIONS[vendor]
    assert re.search(r"```\n[A-Z_]+=", section)
    assert "**What it costs.**" in section
    assert "**When it is down.**" in section


def test_rate_limits_and_thresholds_are_those_of_the_code() -> None:
    embeddings, answers = GRANTED["embeddings"], GRANTED["answers"]
    assert f"({embeddings.requests:,} and {embeddings.tokens:,} at OpenAI" in GUIDE
    assert f"({answers.requests:,} and {answers.tokens:,})" in GUIDE
    assert f"{OFF_TOPIC['text-embedding-3-small']} for the `text-embedding-3` models" in GUIDE
    assert f"{OFF_TOPIC['text-embedding-ada-002']} for `text-embedding-ada-002`" in GUIDE
    assert f"at most {FEW_INPUTS} texts at once" in GUIDE
