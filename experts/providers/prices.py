"""What vendors charge for tokens, as they list it: data to be looked over now and then."""

from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from experts.models import VendorUsage

SOURCE = "https://platform.openai.com/docs/pricing"
AS_OF = date(2026, 7, 3)


class Price(NamedTuple):
    """US dollars for a million tokens: those sent, and those that come back."""

    sent: Decimal
    returned: Decimal = Decimal(0)


OPENAI = {
    "text-embedding-3-small": Price(Decimal("0.02")),
    "text-embedding-3-large": Price(Decimal("0.13")),
    "text-embedding-ada-002": Price(Decimal("0.10")),
    "gpt-4o": Price(Decimal("2.50"), Decimal("10.00")),
    "gpt-4o-mini": Price(Decimal("0.15"), Decimal("0.60")),
    "gpt-4.1": Price(Decimal("2.00"), Decimal("8.00")),
    "gpt-4.1-mini": Price(Decimal("0.40"), Decimal("1.60")),
    "gpt-4.1-nano": Price(Decimal("0.10"), Decimal("0.40")),
}


def price_of(model: str, *, kind: str, vendor: str) -> Price | None:
    """As set by the operator, else as OpenAI lists it; None where nobody knows.

    `model` may name its dimensions too, as an embedder does: "text-embedding-3-small@256".
    """
    environment = settings.ENVIRONMENT
    if kind == VendorUsage.Kind.CHAT:
        told = (environment.openai_chat_price, environment.openai_chat_price_returned)
    else:
        told = (environment.openai_embedding_price, Decimal(0))
    if told[0] is not None:
        return Price(told[0], told[1] or Decimal(0))
    return OPENAI.get(model.partition("@")[0]) if vendor == "OpenAI" else None


def dollars(price: Price | None, *, tokens_in: int, tokens_out: int = 0) -> Decimal | None:
    """What so many tokens cost; None where the price is not known."""
    if price is None:
        return None
    return (tokens_in * price.sent + tokens_out * price.returned) / 1_000_000
