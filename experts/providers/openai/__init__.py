"""OpenAI, and every server that speaks its language (OPENAI_BASE_URL)."""

from experts.providers.openai.answerer import OpenAIAnswerer
from experts.providers.openai.embedder import OpenAIEmbedder

__all__ = ["OpenAIAnswerer", "OpenAIEmbedder"]
