"""Who calls, for operations that write in somebody's name."""

from typing import cast

from django.contrib.auth.models import User
from rest_framework.request import Request


def caller(request: Request) -> User:
    """The person; every call of the API asks for one before its method runs."""
    return cast("User", request.user)
