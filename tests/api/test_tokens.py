"""Tokens: shown once, stored hashed, revoked at once."""

from django.contrib.auth.models import User
from rest_framework.test import APIClient

from experts.tokens import create_token, revoke_token, tokens_of


def test_a_token_is_not_stored_as_it_is(alice: User) -> None:
    token = create_token(alice)
    [stored] = tokens_of(alice).values()
    assert token not in map(str, stored.values())
    assert token.startswith(stored["token_key"])


def test_a_revoked_token_opens_nothing(alice: User) -> None:
    token = create_token(alice)
    assert revoke_token(alice, token[:15])
    response = APIClient().get("/queue/", HTTP_AUTHORIZATION=f"Token {token}")
    assert response.status_code == 401


def test_nobody_revokes_another_persons_token(alice: User, bob: User) -> None:
    token = create_token(alice)
    assert not revoke_token(bob, token[:15])
    assert tokens_of(alice).count() == 1
