"""ElevenLabs' side of one talk: a websocket that speaks as the vendor's description says."""

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from websockets.sync.server import ServerConnection, serve

QUESTION = "Is coffee deductible?"
SILENCE = base64.b64encode(bytes(2 * 1600)).decode()  # a tenth of a second, 16 bit at 16 kHz


class VoiceVendor:
    """Greets, hears a question, calls the tool as it was told to, and answers."""

    def __init__(self, *, tool: dict[str, Any], secret: str) -> None:
        self.tool = tool["api_schema"]
        self.secret = secret
        self.heard: list[str] = []
        self.sound: list[tuple[float, int]] = []  # when it came, and how many samples

    @contextmanager
    def listening(self) -> Iterator[str]:
        """Yields the address for a browser."""
        with serve(self._talk, "127.0.0.1", 0, subprotocols=["convai"]) as server:  # type: ignore[list-item]
            Thread(target=server.serve_forever, daemon=True).start()
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}/"

    def _talk(self, browser: ServerConnection) -> None:
        self._hear(browser)  # the client's own settings come first
        send(browser, "conversation_initiation_metadata_event", METADATA)
        send(browser, "agent_response_event", {"agent_response": "Hello.", "event_id": 1})
        while self._hear(browser) != "audio":
            pass  # until the microphone is on
        send(browser, "user_transcription_event", {"user_transcript": QUESTION, "event_id": 2})
        result = {"tool_name": "search", "tool_call_id": "1", "tool_type": "webhook"}
        found = {"is_error": False, "is_called": True, "full_tool_result": self._searched()}
        send(browser, "agent_tool_response_full_payload", {**result, **found, "event_id": 3})
        send(browser, "audio_event", {"audio_base_64": SILENCE, "event_id": 4})
        send(browser, "agent_response_event", {"agent_response": "Yes, in full.", "event_id": 4})
        for message in browser:
            self.heard.append(kind_of(message))
            self._measure(message)

    def _measure(self, message: str | bytes) -> None:
        if sound := json.loads(message).get("user_audio_chunk"):
            self.sound.append((time.monotonic(), len(base64.b64decode(sound)) // 2))

    def rate(self, since: float) -> float:
        """Samples a second, as they came from the browser, which was told to record at `since`.

        Never more than it recorded, however much had piled up on a slow machine.
        """
        return sum(samples for _, samples in self.sound) / (self.sound[-1][0] - since)

    def _hear(self, browser: ServerConnection) -> str:
        kind = kind_of(browser.recv(timeout=10))
        self.heard.append(kind)
        return kind

    def _searched(self) -> str:
        """The answer of the site's own search, asked as the tool describes it."""
        fields = self.tool["request_body_schema"]["properties"]
        body = {"expert_id": fields["expert_id"]["constant_value"], "query": QUESTION}
        [header] = self.tool["request_headers"]
        headers = {"Content-Type": "application/json", header: self.secret}
        request = urllib.request.Request(  # noqa: S310  (ours)
            self.tool["url"], json.dumps(body).encode(), headers, method=self.tool["method"]
        )
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310
            return str(answer.read().decode())


METADATA = {
    "conversation_id": "conv_1",
    "agent_output_audio_format": "pcm_16000",
    "user_input_audio_format": "pcm_16000",
}
KINDS = {"user_transcription_event": "user_transcript"}


def send(browser: ServerConnection, key: str, event: dict[str, Any]) -> None:
    browser.send(json.dumps({"type": KINDS.get(key, key.removesuffix("_event")), key: event}))


def kind_of(message: str | bytes) -> str:
    """The type of what the client sent; sound alone has none."""
    sent = json.loads(message)
    return "audio" if "user_audio_chunk" in sent else str(sent["type"])
