"""What a selection of files is going to cost, in JSON."""

from typing import Any

from rest_framework import serializers

from experts.costs import Estimate
from experts.providers.prices import AS_OF, SOURCE


class EstimateSerializer(serializers.Serializer[dict[str, Any]]):
    """What embedding needs of files before they are read: from their sizes, rather too high."""

    files = serializers.IntegerField()
    unread_files = serializers.IntegerField(help_text="The others cost nothing more.")
    tokens = serializers.IntegerField()
    model = serializers.CharField(help_text="Empty where an embedded model does it, for nothing.")
    price_usd = serializers.FloatField(allow_null=True, help_text="Null where it is not known.")
    free = serializers.BooleanField()
    prices_as_of = serializers.DateField()
    prices_source = serializers.URLField()


def estimate_body(needed: Estimate) -> dict[str, Any]:
    """What EstimateSerializer describes."""
    return {
        "files": needed.files,
        "unread_files": needed.unread,
        "tokens": needed.tokens,
        "model": needed.model,
        "price_usd": None if needed.price is None else float(needed.price),
        "free": needed.price == 0,
        "prices_as_of": AS_OF.isoformat(),
        "prices_source": SOURCE,
    }
