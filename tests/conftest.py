"""The cast and the stage that every test shares: Alice, and Bob, who is a stranger to her."""

import pytest
from django.contrib.auth.models import User
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import UserFactory


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
