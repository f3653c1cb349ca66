"""Describing calls for the OpenAPI document."""

from collections.abc import Callable, Sequence
from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.plumbing import build_bearer_security_scheme_object
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    inline_serializer,
)
from rest_framework import serializers

ID = "0199f3a2-7c1e-7d3a-9b52-6f0c8d1e4a77"

FAILURES = {
    400: "An input is wrong; `fields` says which.",
    401: "No token, or one that is not valid.",
    404: "There is nothing here, or it is not yours.",
    406: "This server cannot send events; poll the progress instead.",
    409: "Not possible in the present state.",
    413: "Too large.",
    415: "A kind of file or body that cannot be read.",
    503: "Something that this call needs is away; Retry-After may say for how long.",
}


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # untyped there
    """How `Authorization: Token …` appears in the document."""

    target_class = "experts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return build_bearer_security_scheme_object("Authorization", "Token")


class ErrorDetailSerializer(serializers.Serializer[dict[str, Any]]):
    code = serializers.CharField(help_text="Stable: programs may rely on it.")
    message = serializers.CharField(help_text="For a person: what happened and what to do.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the name that the API promises
        child=serializers.CharField(), required=False, help_text="A sentence for each wrong input."
    )


class ErrorSerializer(serializers.Serializer[dict[str, Any]]):
    """What every call answers when it does not do what was asked."""

    success = serializers.BooleanField(default=False)
    error = ErrorDetailSerializer()


def success(name: str, **fields: serializers.Field[Any, Any, Any, Any]) -> Any:
    """The body of a success: {"success": true, …}."""
    return inline_serializer(
        f"{name}Answer", fields={"success": serializers.BooleanField(), **fields}
    )


def describe(
    summary: str,
    *,
    answer: Any,
    status: int = 200,
    request: Any = None,
    failures: Sequence[int] = (),
    example: dict[str, Any] | None = None,
    request_example: dict[str, Any] | None = None,
    parameters: Sequence[OpenApiParameter] = (),
    operation_id: str | None = None,
    description: str | None = None,
) -> Callable[[Any], Any]:
    """Say of a view's method what it takes and answers."""
    examples = [
        OpenApiExample("Answer", value=example, response_only=True, status_codes=[str(status)])
    ] * (example is not None) + [
        OpenApiExample("Request", value=request_example, request_only=True)
    ] * (request_example is not None)
    refused = {code: OpenApiResponse(ErrorSerializer, FAILURES[code]) for code in (401, *failures)}
    return extend_schema(
        summary=summary,
        description=description,
        operation_id=operation_id,
        request=request,
        responses={**(answer if isinstance(answer, dict) else {status: answer}), **refused},
        parameters=list(parameters),
        examples=examples,
    )
