"""ElevenLabs as far as the product uses it: agents, and signed addresses to talk with them."""

from typing import Any

from tests.vendors.messages import KEY, Answer, Reply, Request
from tests.vendors.published import Published, published

AGENTS = "/v1/convai/agents"
ENGLISH_ONLY = {"eleven_flash_v2", "eleven_turbo_v2"}


class ElevenLabsStandIn:
    """`agents` are what was created, by id. Strict: the vendor drops misspelt fields silently."""

    prefix = "elevenlabs"

    def __init__(self) -> None:
        self.published = published("elevenlabs", strict=True)
        self.agents: dict[str, dict[str, Any]] = {}
        self.page_size = 100

    def description(self, request: Request) -> tuple[Published, str]:
        return self.published, request.path

    def answer(self, request: Request) -> Answer:
        if request.headers.get("xi-api-key") != KEY:
            return refusal(401, "invalid_api_key", f"Invalid API key {KEY}")
        if request.path == f"{AGENTS}/create":
            return self._create(request.body)
        if request.path == AGENTS:
            return self._list(request.query)
        if request.path == "/v1/convai/conversation/get-signed-url":
            return self._signed(request.query["agent_id"][0])
        return self._one(request)

    def make_agent(self, **described: Any) -> str:
        agent_id = f"agent_{len(self.agents) + 1:03}"
        self.agents[agent_id] = {"name": "", "tags": [], **described}
        return agent_id

    def _create(self, body: dict[str, Any]) -> Reply:
        return self._wrong_model(body) or Reply({"agent_id": self.make_agent(**body)})

    def _one(self, request: Request) -> Reply:
        agent_id = request.path.rpartition("/")[2]
        if agent_id not in self.agents:
            return refusal(404, "agent_not_found", "Agent not found")
        if request.method == "DELETE":
            del self.agents[agent_id]
            return Reply(None)
        if wrong := self._wrong_model(request.body):
            return wrong
        self.agents[agent_id].update(request.body)
        metadata = {"created_at_unix_secs": 1}
        return Reply({"agent_id": agent_id, "metadata": metadata, **self.agents[agent_id]})

    def _list(self, query: dict[str, list[str]]) -> Reply:
        wanted = set(query.get("tags", []))
        found = [
            (agent_id, agent)
            for agent_id, agent in self.agents.items()
            if not wanted or wanted & set(agent["tags"])
        ]
        start = int(query.get("cursor", ["0"])[0])
        page = [summary(*pair) for pair in found[start : start + self.page_size]]
        more = start + self.page_size < len(found)
        cursor = str(start + self.page_size) if more else None
        return Reply({"agents": page, "has_more": more, "next_cursor": cursor})

    def _signed(self, agent_id: str) -> Reply:
        if agent_id not in self.agents:
            return refusal(404, "agent_not_found", "Agent not found")
        return Reply({"signed_url": f"wss://talk.example/?agent_id={agent_id}&signature=abc"})

    def _wrong_model(self, body: dict[str, Any]) -> Reply | None:
        """The vendor's rule, from its trackers: English has models of its own."""
        config = body["conversation_config"]
        english = config["agent"]["language"] == "en"
        if english == (config["tts"]["model_id"] in ENGLISH_ONLY):
            return None
        kind = "English Agents must use turbo or flash v2"
        return refusal(400, "invalid_model", kind if english else f"Non-{kind}_5")


def summary(agent_id: str, agent: dict[str, Any]) -> dict[str, Any]:
    access = {"is_creator": True, "creator_name": "A", "creator_email": "a@b.c", "role": "admin"}
    return {
        "agent_id": agent_id,
        "name": agent["name"],
        "tags": agent["tags"],
        "created_at_unix_secs": 1,
        "access_info": access,
    }


def refusal(status: int, kind: str, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply({"detail": {"status": kind, "message": message}}, status, headers or {})
