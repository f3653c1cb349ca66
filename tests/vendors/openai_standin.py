"""OpenAI as far as the product uses it: embeddings and streamed chat."""

import base64
import hashlib
import struct
from typing import Any

from tests.vendors.messages import KEY, Answer, Reply, Request, Stream
from tests.vendors.published import Published, published

DIMENSIONS = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}


class OpenAIStandIn:
    """`longest` is how many characters of input one request may hold, `most` how many texts.

    `unknown` are fields and roles that it refuses, as compatible servers do, with their words.
    """

    prefix = "openai"

    def __init__(self) -> None:
        self.published = published("openai")
        self.words = ["The café ", "opens ", "at nine ", "[1]."]
        self.dimensions = 8
        self.longest = 1_000_000
        self.most = 2048
        self.unknown: dict[str, str] = {}
        self.tells_usage = True

    def description(self, request: Request) -> tuple[Published, str]:
        return self.published, request.path.removeprefix("/v1")

    def answer(self, request: Request) -> Answer:
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return refusal(401, f"Incorrect API key provided: {KEY}.", code="invalid_api_key")
        if request.path == "/v1/embeddings":
            return self._embeddings(request.body)
        return self._chat(request.body)

    def _embeddings(self, body: dict[str, Any]) -> Reply:
        texts = body["input"]
        if not all(texts):
            return refusal(400, "'$.input' is invalid.")
        if len(texts) > self.most:
            words = f"batch size {len(texts)} > maximum allowed batch size {self.most}"
            return Reply({"error": words, "error_type": "Validation"}, 422)
        if sum(map(len, texts)) > self.longest:
            return refusal(400, "This model's maximum context length is 8192 tokens.")
        size = body.get("dimensions") or DIMENSIONS.get(body["model"], self.dimensions)
        items = [
            {"object": "embedding", "index": n, "embedding": encoded(vector_of(text, size), body)}
            for n, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        # Backwards: only the index says which is whose.
        answer = {"object": "list", "model": body["model"], "data": items[::-1], "usage": usage}
        if not self.tells_usage:
            del answer["usage"]
        described = self.tells_usage and body.get("encoding_format") != "base64"
        return Reply(answer, described=described)

    def _chat(self, body: dict[str, Any]) -> Reply | Stream:
        for name, words in self.unknown.items():
            if name in body or name in {message["role"] for message in body["messages"]}:
                return Reply({"object": "error", "message": words, "code": 400}, 400)
        if sum(len(message["content"]) for message in body["messages"]) > self.longest:
            return refusal(400, "This model's maximum context length is 4096 tokens.")
        events = chunks(self.words, model=body["model"])
        return Stream(events if self.tells_usage else events[:-1])


def vector_of(text: str, size: int) -> list[float]:
    """The same words, the same direction: a hashed bag of words, not of unit length."""
    vector = [0.0] * size
    for word in text.lower().split():
        vector[int(hashlib.sha256(word.encode()).hexdigest(), 16) % size] += 1.0
    return vector


def encoded(vector: list[float], body: dict[str, Any]) -> Any:
    if body.get("encoding_format") != "base64":
        return vector
    return base64.b64encode(struct.pack(f"<{len(vector)}f", *vector)).decode()


def chunks(words: list[str], *, model: str, finish: str = "stop") -> list[Any]:
    """A streamed answer as OpenAI sends it: role first, usage last, with no choice."""
    base = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model}
    deltas = [{"role": "assistant", "content": ""}, *({"content": word} for word in words)]
    body = [
        {**base, "choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None}
        for delta in deltas
    ]
    last = {**base, "choices": [{"index": 0, "delta": {}, "finish_reason": finish}], "usage": None}
    usage = {"prompt_tokens": 50, "completion_tokens": len(words), "total_tokens": 50 + len(words)}
    return [*body, last, {**base, "choices": [], "usage": usage}]


def refusal(
    status: int, message: str, *, code: str | None = None, headers: dict[str, str] | None = None
) -> Reply:
    error = {"message": message, "type": "invalid_request_error", "param": None, "code": code}
    return Reply({"error": error}, status, headers or {})
