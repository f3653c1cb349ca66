"""What experts have cost at vendors, and what a selection of files is going to cost."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from math import ceil
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Func, IntegerField, Sum

from experts.models import Passage, SourceFile, VendorUsage
from experts.providers.prices import AS_OF, dollars, price_of
from experts.providers.vendor import openai_name

BYTES_A_TOKEN = 4  # of English text; other languages need up to twice as many tokens

# How much of a file is text, which is known only once it is read. The largest share among real
# documents, so that an estimate is rather too high: nine PDF files had 2 to 16 % (measured with
# the product's own extraction). The other formats are compressed, or full of markup.
TEXT_SHARE = {"application/pdf": 0.16, "text/html": 0.5}
COMPRESSED_SHARE = 0.3


class Estimate(NamedTuple):
    """What a selection needs; `price` in US dollars, None where the model's is not known.

    `listed`: the day of the vendor's list that the price is by, None for the operator's own.
    """

    files: int
    unread: int
    tokens: int
    model: str
    price: Decimal | None
    is_free: bool
    listed: date | None = None


class Used(NamedTuple):
    """What was used of vendors so far; `price` as in Estimate, of all that is known."""

    calls: int
    tokens: int
    price: Decimal | None
    seconds: int = 0  # of talks, whose price nobody here knows


def estimate(files: Sequence[SourceFile]) -> Estimate:
    """What embedding needs of the files that are not embedded; the others cost nothing more.

    Of files that have been read, their passages are counted, of the others the size tells.
    """
    unread = [file for file in files if not file.is_final]
    known = tokens_read([file for file in unread if file.status == SourceFile.Status.EMBEDDING])
    tokens = sum(known.get(file.pk) or tokens_by_size(file) for file in unread)
    if settings.PROVIDERS["EMBEDDER"] == "local":
        return Estimate(len(files), len(unread), tokens, "", Decimal(0), is_free=True)
    model = settings.ENVIRONMENT.openai_embedding_model
    price = price_of(model, kind=VendorUsage.Kind.EMBEDDING, vendor=openai_name())
    return Estimate(
        len(files),
        len(unread),
        tokens,
        model,
        dollars(price, tokens_in=tokens) if tokens else Decimal(0),
        is_free=False,
        listed=AS_OF if price and price.listed else None,
    )


def tokens_read(files: Sequence[SourceFile]) -> dict[UUID, int]:
    """About how many tokens the passages of these files have."""
    size = Sum(Func("text", function="octet_length", output_field=IntegerField()))
    passages = Passage.objects.of_files([file.pk for file in files]).order_by()
    sizes = passages.values_list("source_file").annotate(size=size)
    return {file_id: ceil(bytes_read / BYTES_A_TOKEN) for file_id, bytes_read in sizes}


def tokens_by_size(file: SourceFile) -> int:
    """Before it is read."""
    plain = file.media_type.startswith("text/") or file.media_type == "application/json"
    share = TEXT_SHARE.get(file.media_type, 1.0 if plain else COMPRESSED_SHARE)
    return ceil(file.size * share / BYTES_A_TOKEN)


def used_by(expert_id: UUID) -> Used:
    """What an expert has used: its files when they were embedded for it, questions, answers."""
    return added_up(VendorUsage.objects.of_expert(expert_id).summed())


def added_up(groups: Iterable[dict[str, Any]]) -> Used:
    """The sum of groups as `VendorUsageQuerySet.summed` gives them."""
    calls, tokens, seconds, prices = 0, 0, 0, []
    for group in groups:
        seconds += group["total_seconds"]
        if group["kind"] == VendorUsage.Kind.TALK:
            continue
        calls += group["total_calls"]
        tokens += group["total_in"] + group["total_out"]
        price = price_of(group["model"], kind=group["kind"], vendor=group["vendor"])
        prices.append(dollars(price, tokens_in=group["total_in"], tokens_out=group["total_out"]))
    known = [price for price in prices if price is not None]
    return Used(calls, tokens, sum(known, Decimal(0)) if known else None, seconds)
