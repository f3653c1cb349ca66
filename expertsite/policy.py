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
            # blob: an avatar before it is uploaded; afterwards the storage may send it.
            "img-src": [SELF, "data:", "blob:", *storage_addresses(environment)],
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


def storage_addresses(environment: Environment) -> list[str]:
    """Where links that the storage signs lead a browser."""
    if environment.choices["STORAGE"] != "s3" or environment.storage_links == "off":
        return []
    if environment.aws_endpoint_url_s3:
        parts = urlsplit(environment.aws_endpoint_url_s3)
        return [f"{parts.scheme}://{parts.netloc}"]
    bucket = environment.aws_storage_bucket_name
    places = ["", f".{environment.aws_s3_region_name}"] if environment.aws_s3_region_name else [""]
    return [f"https://{bucket}.s3{place}.amazonaws.com" for place in places]
