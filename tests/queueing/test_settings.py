"""Settings that make no sense are named before they do harm."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from pytest_django import Settings

from queueing.configuration import configuration
from queueing.handlers import handler


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"LEES": timedelta(seconds=9)}, "QUEUEING has no setting LEES; it knows LEASE"),
        ({"LEASE": timedelta(seconds=20)}, "Leases end too soon"),
    ],
)
def test_they_fail_the_check(settings: Settings, chosen: Any, words: str) -> None:
    settings.QUEUEING = chosen
    with pytest.raises(SystemCheckError, match=words):
        call_command("check")


def test_what_is_not_set_has_a_default(settings: Settings) -> None:
    settings.QUEUEING = {"LEASE": timedelta(minutes=5)}
    assert configuration().lease == timedelta(minutes=5)
    assert configuration().renew_every == timedelta(seconds=15)


def test_two_handlers_cannot_have_one_type() -> None:
    with pytest.raises(ImproperlyConfigured, match="Two handlers claim"):
        handler("echo")(lambda task: None)
