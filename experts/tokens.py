"""API tokens: shown once, stored hashed."""

from typing import Any, cast

from django.contrib.auth.models import User
from django.db.models import QuerySet
from knox.models import AuthToken


def create_token(user: User) -> str:
    """Make a token that does not expire. This is the only time that anybody sees it."""
    _, token = AuthToken.objects.create(user)
    return cast("str", token)


def tokens_of(user: User) -> "QuerySet[Any]":
    """The user's tokens, newest first: `token_key` is how each begins, `created` when."""
    return cast("QuerySet[Any]", AuthToken.objects.filter(user=user).order_by("-created"))


def revoke_token(user: User, token_key: str) -> bool:
    """Delete the user's token that begins with `token_key`; False when there is none."""
    deleted, _ = tokens_of(user).filter(token_key=token_key).delete()
    return bool(deleted)
