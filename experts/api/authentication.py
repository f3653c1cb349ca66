"""Who calls: the token of a program."""

from typing import Any

from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from rest_framework.exceptions import AuthenticationFailed


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]  # knox is untyped
    """`Authorization: Token …`. Tokens are hexadecimal: anything else never reaches the database,
    which could not even be asked for some of it (bytes that are no UTF-8, NUL)."""

    def authenticate_credentials(self, token: bytes) -> tuple[Any, Any]:
        if not token.isalnum():
            raise AuthenticationFailed
        user, auth_token = super().authenticate_credentials(token)
        return user, auth_token
