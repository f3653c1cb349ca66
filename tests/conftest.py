"""The cast and the stage that every test shares: Alice, and Bob, who is a stranger to her."""

import gc
import ssl
from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar
from unittest.mock import patch

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from experts import providers
from tests import databases
from tests.factories import UserFactory
from tests.fakes import FakeAnswerer, FakeEmbedder

Fake = TypeVar("Fake")

gc.disable()  # while everything is imported, which is a second of each process


def pytest_collection_finish() -> None:
    """Collect garbage from now on, and never again look at what was imported."""
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """A file's bytes make no name: they may hold the time, and two processes would disagree."""
    return argname if isinstance(val, bytes) else None


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> None:
    if databases.is_our_own():
        with django_db_blocker.unblock():
            databases.let_commits_be_lost()
            databases.share_migrations()


KEPT = {"django_content_type", "auth_permission"}  # made by the migrations


@pytest.fixture(scope="session", autouse=True)
def quick_flush() -> Iterator[None]:
    """Let tests that commit be followed by deletes: to truncate all tables takes 0.13 s."""

    def empty_tables(case: TransactionTestCase) -> None:
        tables = connection.introspection.django_table_names(only_existing=True)
        with transaction.atomic(), connection.cursor() as cursor:
            for table in {*tables} - KEPT:
                cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608  (our own tables' names)

    with patch.object(TransactionTestCase, "_fixture_teardown", empty_tables):
        yield


@pytest.fixture(scope="session", autouse=True)
def one_list_of_authorities() -> Iterator[None]:
    """Let all HTTP clients share one: nothing here speaks TLS, and to read it takes 0.03 s."""
    with patch.object(ssl, "create_default_context", cache(ssl.create_default_context)):
        yield


@pytest.fixture
def alice(db: None) -> User:
    return UserFactory(username="alice")


@pytest.fixture
def bob(db: None) -> User:
    return UserFactory(username="bob")


@pytest.fixture
def client(alice: User) -> Client:
    """A browser in which Alice is signed in."""
    browser = Client()
    browser.force_login(alice)
    return browser


@pytest.fixture
def api(alice: User) -> APIClient:
    """A program that acts for Alice."""
    program = APIClient()
    program.force_authenticate(alice)
    return program


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> FakeEmbedder:
    """An embedder that counts words instead of loading the model, and can be let refuse."""
    return swap("EMBEDDER", FakeEmbedder(), monkeypatch)


@pytest.fixture
def answerer(monkeypatch: pytest.MonkeyPatch) -> FakeAnswerer:
    """An answerer that says what the test wants, and can be let refuse."""
    return swap("ANSWERER", FakeAnswerer(), monkeypatch)


def swap(kind: str, fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Let this kind of provider be the fake; the others stay what they are."""
    chosen = providers.provider

    def provider(asked: str, choice: str) -> Any:
        return fake if asked == kind else chosen(asked, choice)

    monkeypatch.setattr(providers, "provider", provider)
    return fake
