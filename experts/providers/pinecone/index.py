"""The index: found, or made at the first vector; and the SDK's errors in our words."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal
from weakref import finalize

from django.conf import settings
from pinecone import Index, Pinecone, RetryConfig, ServerlessSpec
from pinecone.errors import (
    ApiError,
    ConflictError,
    NotFoundError,
    PineconeConnectionError,
    PineconeError,
    PineconeTimeoutError,
    PineconeTypeError,
    PineconeValueError,
)
from pinecone.models.indexes.index import IndexModel

from experts.providers.base import ProviderError
from experts.providers.pacing import paced
from experts.providers.vendor import Limit, Vendor, scrubbed

VENDOR = Vendor("Pinecone", key="PINECONE_API_KEY")
TIMEOUT = 5.0  # seconds, for one request: somebody may be waiting for its answer
WRITE_TIMEOUT = 20.0
CREATION_TIMEOUT = 60  # seconds until a new index must be ready
NO_RETRIES = RetryConfig(max_retries=0)

Service = Literal["indexes", "searches", "lists", "writes"]


def serving(service: Service) -> Vendor:
    """Pinecone for one of its services, which it limits each by itself, with the limit set.

    https://docs.pinecone.io/reference/api/database-limits
    """
    limit = Limit(settings.ENVIRONMENT.pinecone_requests_per_minute)
    return replace(VENDOR, limit=limit, service=service)


class PineconeIndex:
    """A serverless index of dense vectors compared by cosine."""

    def __init__(self) -> None:
        environment = settings.ENVIRONMENT
        self.name = environment.pinecone_index
        self._place = ServerlessSpec(
            cloud=environment.pinecone_cloud, region=environment.pinecone_region
        )
        self._client = Pinecone(
            api_key=VENDOR.secret(),
            host=environment.pinecone_controller_host or None,
            timeout=TIMEOUT,
            retry_config=NO_RETRIES,
        )
        finalize(self, self._client.close)
        self._opened: tuple[Index, int] | None = None  # and its dimensions

    def found(self, *, dimensions: int | None = None) -> Index | None:
        """The index, or None before anything was stored. Raises ProviderError where it misfits."""
        opened = self._opened or self._look()
        if opened is None:
            return None
        index, held = opened
        if dimensions and dimensions != held:
            raise self._misfit(f"holds vectors of {held} numbers", dimensions)
        return index

    def found_or_made(self, *, dimensions: int) -> Index:
        """The index, made for such vectors if there was none. Raises ProviderError."""
        index = self.found(dimensions=dimensions)
        if index is None:
            paced(serving("indexes"), lambda: self._make(dimensions), attempts=2)
            index = self.found(dimensions=dimensions)
        if index is None:
            raise self._unready()
        return index

    def forget(self) -> None:
        """Look again at the next use: somebody removed the index."""
        self._opened = None

    def _look(self) -> tuple[Index, int] | None:
        described = paced(serving("indexes"), self._described, attempts=2)
        self._opened = self._open(described) if described else None
        return self._opened

    def _described(self) -> IndexModel | None:
        with vendor_errors():
            try:
                return self._client.describe_index(self.name)
            except NotFoundError:
                return None

    def _make(self, dimensions: int) -> None:
        with vendor_errors(CREATION_TIMEOUT):
            try:
                self._client.create_index(
                    name=self.name,
                    spec=self._place,
                    dimension=dimensions,
                    metric="cosine",
                    timeout=CREATION_TIMEOUT,
                )
            except ConflictError:
                return  # another worker was first

    def _open(self, described: IndexModel) -> tuple[Index, int]:
        field = described.schema.fields.get("_values")
        dimensions, metric = getattr(field, "dimension", None), getattr(field, "metric", None)
        if dimensions is None or metric != "cosine":
            raise self._misfit(f"compares by {metric or 'something else than vectors'}")
        if not (described.host and described.status.ready):
            raise self._unready()
        index = without_retries(self._client.index(host=described.host))
        finalize(self, index.close)
        return index, dimensions

    def _misfit(self, what: str, dimensions: int | None = None) -> ProviderError:
        needed = f"vectors of {dimensions} numbers" if dimensions else "cosine"
        return ProviderError(
            f"The Pinecone index {self.name} {what}, but {needed} are needed."
            " Set PINECONE_INDEX to another name: the index is then made as it must be.",
            permanent=True,
        )

    def _unready(self) -> ProviderError:
        return ProviderError(f"The Pinecone index {self.name} is not ready yet.")


def without_retries(index: Index) -> Index:
    """Let a refusal come back at once, so that people see the pause and chat does not hang.

    The SDK retries every data call three times, each after up to 90 s, and offers no way out;
    hence this reach inside, which a test holds to the pinned version.
    """
    transport: Any = index._http._client._transport
    transport._config = NO_RETRIES
    return index


@contextmanager
def vendor_errors(seconds: float = TIMEOUT) -> Iterator[None]:
    """Translate what the SDK raises; its own errors quote bodies, so none is chained."""
    try:
        yield
    except ApiError as error:
        raise VENDOR.refused(error.status_code, said=error.message, headers=error.headers) from None
    except PineconeTimeoutError:
        raise VENDOR.silent(seconds) from None
    except PineconeConnectionError:
        raise VENDOR.unreachable() from None
    except (PineconeValueError, PineconeTypeError) as error:
        raise ProviderError(
            f"Pinecone cannot take this: {scrubbed(error.message)}", permanent=True
        ) from None
    except PineconeError:
        raise VENDOR.garbled() from None
