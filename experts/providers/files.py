"""File storage, on S3 or on disk: links that it signs, and its trouble in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError
from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.http import content_disposition_header

from experts.providers.base import PausedError, ProviderError
from experts.providers.vendor import PAUSE, TRANSIENT, Vendor, scrubbed, seconds_to_wait

VENDOR = Vendor("the file storage", key="AWS_ACCESS_KEY_ID")

EXPIRED = "The key is not good any more. Renew AWS_SESSION_TOKEN, and the keys with it."
REMEDIES = {
    "NoSuchBucket": "The bucket does not exist. Check AWS_STORAGE_BUCKET_NAME and the region.",
    "AccessDenied": "S3 denies access. Allow the key to list, read, write and delete objects.",
    "403": "S3 denies access. Check AWS_ACCESS_KEY_ID and what it is allowed to do.",
    "InvalidAccessKeyId": "S3 does not know the key. Check AWS_ACCESS_KEY_ID.",
    "SignatureDoesNotMatch": "S3 rejects the signature. Check AWS_SECRET_ACCESS_KEY.",
    "AuthorizationHeaderMalformed": "The bucket is in another region. Set AWS_S3_REGION_NAME.",
    "PermanentRedirect": "The bucket is in another region. Set AWS_S3_REGION_NAME.",
    **dict.fromkeys(("ExpiredToken", "InvalidToken", "TokenRefreshRequired"), EXPIRED),
}
PASSING = {"RequestTimeout"}  # which S3 says with a 400


def signed_link(stored: str, *, name: str, media_type: str, inline: bool) -> str:
    """Where the storage itself sends an object, for five minutes; "" where it does not.

    It is sent as this file name and type, and stays in the browser's own memory.
    """
    if settings.PROVIDERS["STORAGE"] != "s3" or settings.ENVIRONMENT.storage_links == "off":
        return ""
    storage: Any = default_storage  # S3's takes parameters
    parameters = {
        "ResponseContentDisposition": content_disposition_header(not inline, name) or "inline",
        "ResponseContentType": media_type,
        "ResponseCacheControl": "private, max-age=300",
    }
    with storage_errors():
        return str(storage.url(stored, parameters=parameters))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Raise ProviderError for whatever keeps the storage from doing what was asked."""
    try:
        yield
    except ClientError as error:
        raise refusal(error) from None
    except NoCredentialsError:
        raise ProviderError(
            "S3 needs a key. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.", permanent=True
        ) from None
    except BotoCoreError:
        raise ProviderError(
            "S3 could not be reached. Is AWS_ENDPOINT_URL_S3 right, the network up?"
        ) from None
    except FileNotFoundError as error:
        raise ProviderError("The file is not in the storage any more.", permanent=True) from error
    except OSError as error:
        raise ProviderError(f"The storage failed: {error.strerror or error}.") from error


def refusal(error: ClientError) -> ProviderError:
    answer = error.response.get("ResponseMetadata", {})
    status, headers = answer.get("HTTPStatusCode"), answer.get("HTTPHeaders", {})
    pause = seconds_to_wait(headers)
    if status == 429 or (status == 503 and pause is not None) or is_throttled(error):
        return PausedError(VENDOR.name, PAUSE if pause is None else pause)
    code = str(error.response.get("Error", {}).get("Code", ""))
    said = str(error.response.get("Error", {}).get("Message", ""))
    message = REMEDIES.get(code, f"S3 refused this (HTTP {status}, {code}). {scrubbed(said)}")
    ours = status is not None and 400 <= status < 500 and status not in TRANSIENT
    return ProviderError(message, permanent=ours and code not in PASSING)


def is_throttled(error: ClientError) -> bool:
    """S3 says it with a 503 of this code, botocore's own retries being used up."""
    return error.response.get("Error", {}).get("Code") in {"SlowDown", "Throttling"}
