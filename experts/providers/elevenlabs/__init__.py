"""ElevenLabs: an agent for each expert that talks aloud and searches the expert's files."""

from experts.providers.elevenlabs.agents import ElevenLabsAgents

__all__ = ["ElevenLabsAgents"]
