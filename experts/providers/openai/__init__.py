"""OpenAI, and every server that speaks its language (OPENAI_BASE_URL)."""

from typing import TYPE_CHECKING

from experts.providers.openai.answerer import OpenAIAnswerer
from experts.providers.openai.embedder import OpenAIEmbedder

if TYPE_CHECKING:  # the registry holds names, so this is where the interfaces are checked
    from experts.providers.base import Answerer, Embedder

    _embedder: type[Embedder] = OpenAIEmbedder
    _answerer: type[Answerer] = OpenAIAnswerer

__all__ = ["OpenAIAnswerer", "OpenAIEmbedder"]
