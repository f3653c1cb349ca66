"""The demo account and its sample expert, which knows the project's own guides."""

import json
import secrets
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.files.base import File
from knox.auth import TokenAuthentication
from rest_framework.exceptions import AuthenticationFailed

from experts import operations
from experts.models import Expert, SourceFile
from experts.tokens import create_token

USERNAME = "demo"
GUIDES = ("guide.pdf", "api.md", "operations.md", "providers.md", "architecture.md")


class Demo(NamedTuple):
    """What a newcomer needs; `password` is empty when the person has set one of their own."""

    username: str
    password: str
    token: str
    file: SourceFile


def ensure_demo(*, guides: Path, secret: Path) -> Demo:
    """Make what is missing of account, files, expert and token.

    `guides` is the directory of the guides. `secret` is the file that keeps the password and
    the token, since the database has only their hashes.
    """
    known = _read(secret)
    password = known.get("password") or secrets.token_urlsafe(9)
    _write(secret, known | {"password": password})
    user = _account(password)
    token = _working_token(known.get("token"), user)
    _write(secret, {"password": password, "token": token})
    file = _sample(user, guides)
    return Demo(USERNAME, password if user.check_password(password) else "", token, file)


def _account(password: str) -> User:
    """An operator, so that the newcomer sees every page. One that is there stays as it is."""
    users = get_user_model().objects
    known = users.filter(username=USERNAME).first()
    return known or users.create_superuser(USERNAME, password=password)


def _working_token(token: str | None, user: User) -> str:
    with suppress(AuthenticationFailed):
        if token:
            TokenAuthentication().authenticate_credentials(token.encode())
            return token
    return create_token(user)


def _sample(user: User, guides: Path) -> SourceFile:
    """Make the sample expert unless the account has any; returns one of the account's files."""
    has_expert = Expert.objects.visible_to(user).exists()
    file = SourceFile.objects.visible_to(user).last()
    if has_expert and file:
        return file
    files = [_upload(guides / name, user) for name in GUIDES]  # those that are there stay
    if not has_expert:
        operations.create_expert(
            owner=user,
            files=files,
            name="Expertsite guide",
            description="Knows how this product works, from its own guides.",
            persona="You help people and operators of Expertsite. You are brief and exact.",
            first_message="Ask me about files, experts, the API, or how to run Expertsite.",
        )
    return files[0]


def _upload(path: Path, user: User) -> SourceFile:
    with path.open("rb") as stream:
        return operations.upload_file(File(stream, name=path.name), owner=user).file


def _read(secret: Path) -> dict[str, str]:
    try:
        known: dict[str, str] = json.loads(secret.read_text())
    except (FileNotFoundError, ValueError):  # a crash in the middle of writing: made anew
        return {}
    return known


def _write(secret: Path, content: dict[str, str]) -> None:
    secret.touch(mode=0o600)
    secret.write_text(json.dumps(content))
