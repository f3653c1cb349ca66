"""The ledger: what is used at vendors, written down by the adapters, for whoever is charged."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple
from uuid import UUID

from experts.models import VendorUsage
from experts.providers.vendor import Vendor

Kind = VendorUsage.Kind


class Account(NamedTuple):
    """Whom a call is made for, as far as that is known."""

    owner_id: int | None = None
    expert_id: UUID | None = None
    file_id: UUID | None = None


NOBODY = Account()
_account: ContextVar[Account] = ContextVar("account", default=NOBODY)


@contextmanager
def charged_to(account: Account) -> Iterator[None]:
    """Whatever is used within is this account's. Not around a `yield`: it would leak out."""
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)


def record(
    vendor: Vendor,
    *,
    kind: Kind,
    model: str = "",
    tokens_in: int = 0,
    tokens_out: int = 0,
    seconds: int = 0,
    estimated: bool = False,
    account: Account | None = None,
) -> None:
    """Write one call down, for the account it is made for or, unless given, the one at hand."""
    VendorUsage.objects.create(
        **(account or _account.get())._asdict(),
        vendor=vendor.name,
        kind=kind,
        model=model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        seconds=seconds,
        estimated=estimated,
    )
