"""What experts have cost at vendors, and what a selection of files is going to cost."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings

from experts.models import SourceFile, VendorUsage
from experts.providers.prices import dollars, price_of
from experts.providers.vendor import openai_name

BYTES_A_TOKEN = 4  # of English text; other languages need up to twice as many tokens

# How much of a file is text, which is known only once it is read. The largest share among real
# documents, so that an estimate is rather too high: nine PDF files had 2 to 16 % (measured with
# the product's own extraction). The other formats are compressed, or full of markup.
TEXT_SHARE = {"application/pdf": 0.16, "text/html": 0.5}
COMPRESSED_SHARE = 0.3


class Estimate(NamedTuple):
    """What a selection needs; `price` in US dollars, None where the model's is not known."""

    files: int
    unread: int
    tokens: int
    model: str
    price: Decimal | None
    is_free: bool


class Used(NamedTuple):
    """What was used of vendors so far; `price` as in Estimate, of all that is known."""

    calls: int
    tokens: int
    price: Decimal | None


def estimate(files: Sequence[SourceFile]) -> Estimate:
    """What embedding needs of the files that have not been read; the others cost nothing more."""
    unread = [file for file in files if not file.is_final]
    tokens = sum(estimated_tokens(file) for file in unread)
    is_free = settings.PROVIDERS["EMBEDDER"] == "local"
    model = "" if is_free else settings.ENVIRONMENT.openai_embedding_model
    price: Decimal | None = Decimal(0)
    if not is_free and tokens:
        listed = price_of(model, kind=VendorUsage.Kind.EMBEDDING, vendor=openai_name())
        price = dollars(listed, tokens_in=tokens)
    return Estimate(len(files), len(unread), tokens, model, price, is_free)


def estimated_tokens(file: SourceFile) -> int:
    """From its size, before it is read."""
    plain = file.media_type.startswith("text/") or file.media_type == "application/json"
    share = TEXT_SHARE.get(file.media_type, 1.0 if plain else COMPRESSED_SHARE)
    return ceil(file.size * share / BYTES_A_TOKEN)


def used_by(expert_id: UUID) -> Used:
    """What an expert has used: its files when they were embedded for it, questions, answers."""
    return added_up(VendorUsage.objects.of_expert(expert_id).summed())


def added_up(groups: Iterable[dict[str, Any]]) -> Used:
    """The sum of groups as `VendorUsageQuerySet.summed` gives them."""
    calls, tokens, prices = 0, 0, []
    for group in groups:
        calls += group["total_calls"]
        tokens += group["total_in"] + group["total_out"]
        price = price_of(group["model"], kind=group["kind"], vendor=group["vendor"])
        prices.append(dollars(price, tokens_in=group["total_in"], tokens_out=group["total_out"]))
    known = [price for price in prices if price is not None]
    return Used(calls, tokens, sum(known, Decimal(0)) if known else None)
