"""ElevenLabs as far as the product uses it: secrets, tools, agents, voices, signed addresses."""

from typing import Any

from tests.vendors.messages import KEY, Answer, Reply, Request
from tests.vendors.published import Published, published

CONVAI = "/v1/convai"
ENGLISH_ONLY = {"eleven_flash_v2", "eleven_turbo_v2"}
KEYS = {"secrets": "secret_id", "tools": "id", "agents": "agent_id"}


class ElevenLabsStandIn:
    """`secrets`, `tools` and `agents` are what was created, by id.

    Strict: the vendor drops misspelt fields silently.
    """

    prefix = "elevenlabs"

    def __init__(self) -> None:
        self.published = published("elevenlabs", strict=True)
        self.secrets: dict[str, dict[str, Any]] = {}
        self.tools: dict[str, dict[str, Any]] = {}
        self.agents: dict[str, dict[str, Any]] = {}
        self.voices = {"voice_7": "Rachel", "voice_8": "Aria"}
        self.page_size = 100
        self.talk_at = "wss://talk.example/"

    def description(self, request: Request) -> tuple[Published, str]:
        return self.published, request.path

    def answer(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != KEY:
            return refusal(401, "invalid_api_key", f"Invalid API key {KEY}")
        if request.path == "/v2/voices":
            return self._list_voices(int(request.query.get("next_page_token", ["0"])[0]))
        if request.path == f"{CONVAI}/conversation/get-signed-url":
            return self._signed(request.query["agent_id"][0])
        kind, _, key = request.path.removeprefix(f"{CONVAI}/").partition("/")
        if request.method == "POST":
            return self._create(kind, request.body)
        return self._one(kind, key, request) if key else self._list(kind, request.query)

    def make(self, kind: str, **described: Any) -> str:
        """Create something past the vendor's rules, as another client of the account would."""
        there = getattr(self, kind)
        key = f"{kind.rstrip('s')}_{len(there) + 1:03}"
        there[key] = described
        return key

    def left(self) -> int:
        """How many things there are, of all kinds."""
        return sum(len(getattr(self, kind)) for kind in KEYS)

    def _create(self, kind: str, body: dict[str, Any]) -> Reply:
        if wrong := self._wrong(kind, body):
            return wrong
        key = self.make(kind, **body)
        return Reply({"agent_id": key} if kind == "agents" else self._shown(kind, key))

    def _one(self, kind: str, key: str, request: Request) -> Reply:
        there = getattr(self, kind)
        if key not in there:
            return refusal(404, f"{kind}_not_found", "Not found")
        if request.method == "DELETE":
            return self._delete(kind, key)
        if wrong := self._wrong(kind, request.body):
            return wrong
        there[key].update(request.body)
        return Reply(self._shown(kind, key))

    def _delete(self, kind: str, key: str) -> Reply:
        if kind == "secrets" and key in str(self.tools):
            return refusal(400, "secret_in_use", "The secret is in use")
        del getattr(self, kind)[key]
        return Reply(None, 204 if kind == "secrets" else 200)

    def _list(self, kind: str, query: dict[str, list[str]]) -> Reply:
        keys = [key for key in getattr(self, kind) if self._wanted(kind, key, query)]
        start = int(query.get("cursor", ["0"])[0])
        end = start + self.page_size
        more = end < len(keys)
        shown = [self._summary(kind, key) for key in keys[start:end]]
        return Reply({kind: shown, "has_more": more, "next_cursor": str(end) if more else None})

    def _wanted(self, kind: str, key: str, query: dict[str, list[str]]) -> bool:
        thing = getattr(self, kind)[key]
        if kind == "agents":
            return not query.get("tags") or bool({*query["tags"]} & {*thing["tags"]})
        return name_of(thing).startswith(query.get("search", [""])[0])

    def _summary(self, kind: str, key: str) -> dict[str, Any]:
        if kind == "secrets":
            used_by: dict[str, Any] = {"tools": [], "agents": [], "others": []}
            return {**self._shown(kind, key), "used_by": used_by}
        shown = self._shown(kind, key)
        if kind == "agents":
            shown = {name: shown[name] for name in ("agent_id", "name", "tags")}
        return {**shown, "created_at_unix_secs": 1, "access_info": ACCESS}

    def _shown(self, kind: str, key: str) -> dict[str, Any]:
        thing = getattr(self, kind)[key]
        if kind == "secrets":  # never its value
            return {"type": "stored", "secret_id": key, "name": thing["name"]}
        if kind == "tools":
            usage = {"avg_latency_secs": 0}
            return {"id": key, **thing, "access_info": ACCESS, "usage_stats": usage}
        return {"agent_id": key, "metadata": {"created_at_unix_secs": 1}, **thing}

    def _list_voices(self, start: int) -> Reply:
        rest = {"category": "premade", "labels": {}, "available_for_tiers": []}
        voices = [
            {"voice_id": key, "name": name, "high_quality_base_model_ids": [], **rest}
            for key, name in self.voices.items()
        ]
        end = start + self.page_size
        page = {"voices": voices[start:end], "total_count": len(voices)}
        more = {"has_more": True, "next_page_token": str(end)}
        return Reply({**page, **(more if voices[end:] else {"has_more": False})})

    def _signed(self, agent_id: str) -> Reply:
        if agent_id not in self.agents:
            return refusal(404, "agent_not_found", "Agent not found")
        return Reply({"signed_url": f"{self.talk_at}?agent_id={agent_id}&signature=abc"})

    def _wrong(self, kind: str, body: dict[str, Any]) -> Reply | None:
        """The vendor's rules: what is named exists, no inline tools, English has its own models."""
        if kind == "tools":
            sent = body["tool_config"]["api_schema"]["request_headers"].values()
            unknown = [one for one in sent if one["secret_id"] not in self.secrets]
            return refusal(400, "secret_not_found", "Unknown secret") if unknown else None
        return self._wrong_agent(body["conversation_config"]) if kind == "agents" else None

    def _wrong_agent(self, config: dict[str, Any]) -> Reply | None:
        prompt = config["agent"]["prompt"]
        if "tools" in prompt or not {*prompt["tool_ids"]} <= {*self.tools}:
            return refusal(400, "invalid_tools", "Use tool_ids of tools that exist")
        english = config["agent"]["language"] == "en"
        if english == (config["tts"]["model_id"] in ENGLISH_ONLY):
            return None
        kind = "English Agents must use turbo or flash v2"
        return refusal(400, "invalid_model", kind if english else f"Non-{kind}_5")


ACCESS = {"is_creator": True, "creator_name": "A", "creator_email": "a@b.c", "role": "admin"}


def name_of(thing: dict[str, Any]) -> str:
    return str(thing.get("name") or thing["tool_config"]["name"])


def refusal(status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply({"detail": {"status": kind, "message": message}}, status, headers or {})
