"""ElevenLabs: an agent for each expert, found again by its tag, talked to by a signed address."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from weakref import finalize

import httpx
from django.conf import settings
from elevenlabs.client import ElevenLabs
from elevenlabs.core import ApiError, ParsingError
from elevenlabs.core.request_options import RequestOptions

from experts.models import Expert
from experts.providers.base import ProviderError
from experts.providers.local_voice import PREFIX as LOCAL
from experts.providers.patience import with_retries
from experts.providers.vendor import Vendor

VENDOR = Vendor("ElevenLabs", key="ELEVENLABS_API_KEY")
TAG = "expertsite"  # on every agent of ours, so that orphans can be found
TIMEOUT = 10  # seconds; whole ones are all that the SDK takes
SESSION_TIMEOUT = 5
LISTING_BUDGET = 120
NO_VOICE_YET = "The voice of this expert is still being made. Try again in a minute."


class Budget:
    """So many seconds for all calls together."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def options(self) -> RequestOptions:
        """For the next call: what is left. Raises ProviderError when nothing is."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise VENDOR.silent(self.seconds)
        return once(max(1, int(left)))


class ElevenLabsAgents:
    """The vendor's side of the experts: agents that open to signed addresses only."""

    def __init__(self) -> None:
        http = httpx.Client(timeout=TIMEOUT, follow_redirects=True)
        finalize(self, http.close)
        client = ElevenLabs(
            api_key=VENDOR.secret(),
            base_url=settings.ENVIRONMENT.elevenlabs_base_url or None,
            httpx_client=http,
        )
        self._agents = client.conversational_ai.agents
        self._conversations = client.conversational_ai.conversations

    def ensure(self, expert: Expert, *, timeout: float) -> str:
        """Make the expert's agent what the expert is now; returns its id.

        An agent is looked for before it is made: an answer to an earlier attempt may have been
        lost after the work was done, and a second agent would be nobody's.
        """
        budget = Budget(timeout)
        agent_id = next(self._tagged(tag_of(expert), budget), None)
        with vendor_errors(timeout):
            options = budget.options()
            if agent_id is None:
                made = self._agents.create(**described(expert), request_options=options)
                return str(made.agent_id)
            self._agents.update(agent_id, **described(expert), request_options=options)
        return agent_id

    def delete(self, agent_id: str) -> None:
        """Remove the agent; removing twice is no error, nor is one that was never there."""
        if agent_id and not agent_id.startswith(LOCAL):
            with_retries(lambda: self._delete(agent_id))

    def session_url(self, expert: Expert) -> str:
        """A websocket address; the talk must begin within 15 minutes."""
        if not expert.agent_id or expert.agent_id.startswith(LOCAL):
            raise ProviderError(NO_VOICE_YET)
        return with_retries(lambda: self._signed_url(expert.agent_id), attempts=2)

    def agents(self) -> Iterator[str]:
        """The ids of all agents that this product has made."""
        return self._tagged(TAG, Budget(LISTING_BUDGET))

    def _tagged(self, tag: str, budget: Budget) -> Iterator[str]:
        """Agents with the tag, page by page; the filter is the vendor's, the check is ours."""
        cursor = None
        while True:
            options = budget.options()
            with vendor_errors(budget.seconds):
                page = self._agents.list(
                    tags=[tag], page_size=100, cursor=cursor, request_options=options
                )
            yield from (agent.agent_id for agent in page.agents if tag in (agent.tags or []))
            if not page.has_more or not page.next_cursor:
                return
            cursor = page.next_cursor

    def _delete(self, agent_id: str) -> None:
        with vendor_errors(TIMEOUT):
            try:
                self._agents.delete(agent_id, request_options=once(TIMEOUT))
            except ApiError as error:
                if error.status_code != 404:
                    raise

    def _signed_url(self, agent_id: str) -> str:
        with vendor_errors(SESSION_TIMEOUT):
            answer = self._conversations.get_signed_url(
                agent_id=agent_id, request_options=once(SESSION_TIMEOUT)
            )
        return str(answer.signed_url)


def described(expert: Expert) -> dict[str, Any]:
    """The expert as arguments of the vendor's calls to create and to update an agent."""
    english = expert.language.lower().partition("-")[0] == "en"
    # The vendor ties its models to the language, and refuses the other one.
    speech = {"model_id": "eleven_flash_v2" if english else "eleven_flash_v2_5"}
    if expert.voice_id:
        speech["voice_id"] = expert.voice_id
    return {
        "name": expert.name,
        "tags": [TAG, tag_of(expert)],
        "conversation_config": {
            "agent": {
                "first_message": expert.first_message,
                "language": "en" if english else expert.language.lower(),
                "prompt": {"prompt": spoken_prompt(expert)},
            },
            "tts": speech,
        },
        "platform_settings": {"auth": {"enable_auth": True}},
    }


def spoken_prompt(expert: Expert) -> str:
    return (
        f"You are {expert.name}. {expert.persona}\n\n"
        "You talk aloud: answer in a few short sentences. State as fact only what your documents"
        " say; when you cannot look it up, say so."
    )


def tag_of(expert: Expert) -> str:
    return f"{TAG}:{expert.pk}"


def once(seconds: int) -> RequestOptions:
    """No retries by the SDK: it repeats POSTs too, and sleeps through a minute of Retry-After."""
    return {"max_retries": 0, "timeout_in_seconds": seconds}


@contextmanager
def vendor_errors(seconds: float) -> Iterator[None]:
    """Translate what the SDK raises; its errors quote whole bodies, so none is chained."""
    try:
        yield
    except ApiError as error:
        raise refusal(error) from None
    except ParsingError:
        raise VENDOR.garbled() from None
    except httpx.TimeoutException:
        raise VENDOR.silent(seconds) from None
    except httpx.HTTPError:
        raise VENDOR.unreachable() from None


def refusal(error: ApiError) -> ProviderError:
    detail = error.body.get("detail") if isinstance(error.body, dict) else None
    kind = detail.get("status") if isinstance(detail, dict) else None
    status = error.status_code or 0
    if status < 400:  # a whole answer that is not JSON
        return VENDOR.garbled()
    # With a 401 the vendor also answers what others say with 402 and 403.
    status = {"quota_exceeded": 402, "missing_permissions": 403}.get(str(kind), status)
    return VENDOR.refused(status, said=explanation(detail), headers=error.headers)


def explanation(detail: Any) -> str:
    """The vendor's words: {"message"}, or for a 422 a list of {"loc", "msg"}."""
    if isinstance(detail, dict):
        return str(detail.get("message") or "")
    if isinstance(detail, list):
        return "; ".join(
            f"{'.'.join(map(str, item.get('loc', [])))}: {item.get('msg')}" for item in detail
        )
    return str(detail or "")
