"""What vendors charge for tokens, as they list it: data to be looked over now and then."""

import re
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.conf import settings

from experts.models import VendorUsage

# The list itself, and when it last was as it is here. It was not read at its source: the prices
# are those that several tables quote from it alike, the newest of June 2026 (tokenmath.io, for
# gpt-4.1, gpt-4.1-mini and text-embedding-3-small), the others of March 2026 (deploybase.ai,
# nicolalazzari.ai, chatgptpricing-akr.pages.dev).
SOURCE = "https://developers.openai.com/api/docs/pricing"
AS_OF = date(2026, 6, 21)


class Price(NamedTuple):
    """US dollars for a million tokens: those sent, and those that come back.

    `listed`: from the vendor's list, not from the operator.
    """

    sent: Decimal
    returned: Decimal = Decimal(0)
    listed: bool = True


OPENAI = {
    "text-embedding-3-small": Price(Decimal("0.02")),
    "text-embedding-3-large": Price(Decimal("0.13")),
    "text-embedding-ada-002": Price(Decimal("0.10")),
    "gpt-4o": Price(Decimal("2.50"), Decimal("10.00")),
    "gpt-4o-mini": Price(Decimal("0.15"), Decimal("0.60")),
    "gpt-4.1": Price(Decimal("2.00"), Decimal("8.00")),
    "gpt-4.1-mini": Price(Decimal("0.40"), Decimal("1.60")),
    "gpt-4.1-nano": Price(Decimal("0.10"), Decimal("0.40")),
    "gpt-5": Price(Decimal("1.25"), Decimal("10.00")),
    "gpt-5-mini": Price(Decimal("0.25"), Decimal("2.00")),
    "gpt-5-nano": Price(Decimal("0.05"), Decimal("0.40")),
    "gpt-5.4": Price(Decimal("2.50"), Decimal("15.00")),
    "gpt-5.4-mini": Price(Decimal("0.75"), Decimal("4.50")),
    "gpt-5.4-nano": Price(Decimal("0.20"), Decimal("1.25")),
    "o3": Price(Decimal("2.00"), Decimal("8.00")),
    "o4-mini": Price(Decimal("1.10"), Decimal("4.40")),
}


def price_of(model: str, *, kind: str, vendor: str) -> Price | None:
    """As set by the operator, else as OpenAI lists it; None where nobody knows.

    `model` may name its dimensions, as an embedder does ("text-embedding-3-small@256"), and the
    day it was made ("gpt-4o-mini-2024-07-18").
    """
    environment = settings.ENVIRONMENT
    if kind == VendorUsage.Kind.TALK:
        return None
    if kind == VendorUsage.Kind.CHAT:
        told = (environment.openai_chat_price, environment.openai_chat_price_returned)
    else:
        told = (environment.openai_embedding_price, Decimal(0))
    if told[0] is not None:
        return Price(told[0], told[1] or Decimal(0), listed=False)
    plain = re.sub(r"(-\d{4}-\d\d-\d\d)?(@\d+)?$", "", model)
    return OPENAI.get(plain) if vendor == "OpenAI" else None


def dollars(price: Price | None, *, tokens_in: int, tokens_out: int = 0) -> Decimal | None:
    """What so many tokens cost; None where the price is not known."""
    if price is None:
        return None
    return (tokens_in * price.sent + tokens_out * price.returned) / 1_000_000
