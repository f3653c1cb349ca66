"""The Content-Security-Policy: what a page may load, and whom its scripts may speak to."""

from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from expertsite.environment import Environment


def content_security_policy(environment: Environment) -> dict[str, Any]:
    return {
        "EXCLUDE_URL_PREFIXES": ["/docs/"],  # the API's page starts itself by a script within it
        "DIRECTIVES": {
            "default-src": [SELF],
            "connect-src": [SELF, *talk_addresses(environment)],
            "img-src": [SELF, "data:", "blob:"],  # blob: an avatar before it is uploaded
            "object-src": [NONE],
            "base-uri": [NONE],
            "form-action": [SELF],
            "frame-ancestors": [NONE],
        },
    }


def talk_addresses(environment: Environment) -> list[str]:
    """Where a browser talks with a voice agent: the vendor's websockets, nobody else's."""
    if environment.choices["VOICE"] != "elevenlabs":
        return []
    if not environment.elevenlabs_base_url:
        return ["wss://api.elevenlabs.io"]
    parts = urlsplit(environment.elevenlabs_base_url)
    return [f"{'ws' if parts.scheme == 'http' else 'wss'}://{parts.netloc}"]
