"""The vendors' published API descriptions, as a check of requests and of the stand-in's answers."""

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from tests.vendors.messages import Reply, Request

SPECS = Path(__file__).parents[3] / "shared" / "vendor_specs"
ABSENT = f"the vendors' descriptions are not in {SPECS.parent.name}/{SPECS.name} beside the project"


class Published:
    """One description. Without the file, it objects to nothing."""

    def __init__(self, name: str, *, strict: bool = False) -> None:
        self.name = name
        file = SPECS / f"{name}.json"
        self.document = json.loads(file.read_text()) if file.exists() else {"paths": {}}
        self.present = file.exists()
        self._requests = Schemas(as_json_schema(self.document, strict=strict))
        self._answers = Schemas(as_json_schema(self.document, strict=False))

    def problems(self, method: str, path: str, request: Request) -> Iterator[str]:
        """What is wrong with a request, in a line each."""
        if not self.present:
            return
        template = self._template(method, path)
        if template is None:
            yield f"{self.name} has no {method} {path}"
            return
        operation = self.document["paths"][template]
        where = f"{method} {path}"
        for parameter in operation[method.lower()].get("parameters", []):
            given = request.query if parameter["in"] == "query" else request.headers
            needed = parameter.get("required") and parameter["in"] != "path"
            if needed and parameter["name"].lower() not in {name.lower() for name in given}:
                yield f"{where}: {parameter['name']} is missing"
        pointer = f"/paths/{escaped(template)}/{method.lower()}/requestBody"
        if "requestBody" in operation[method.lower()]:
            yield from self._requests.problems(pointer, request.body, where)

    def answer_problems(self, method: str, path: str, reply: Reply) -> Iterator[str]:
        """What is wrong with an answer of ours that should be right."""
        template = self._template(method, path) if self.present else None
        if template is None:
            return
        responses = self.document["paths"][template][method.lower()]["responses"]
        content = responses.get(str(reply.status), {}).get("content", {})
        if "application/json" in content:
            pointer = f"/paths/{escaped(template)}/{method.lower()}/responses/{reply.status}"
            yield from self._answers.problems(pointer, reply.body, f"answer to {method} {path}")

    def _template(self, method: str, path: str) -> str | None:
        for template, operations in self.document["paths"].items():
            pattern = re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template))
            if re.fullmatch(pattern, path) and method.lower() in operations:
                return str(template)
        return None


@cache
def published(name: str, *, strict: bool = False) -> Published:
    """Read once: a description is long."""
    return Published(name, strict=strict)


class Schemas:
    """Finds a schema by its place in the document and holds a body to it."""

    def __init__(self, document: dict[str, Any]) -> None:
        resource = DRAFT202012.create_resource(document)
        self._registry: Registry[Any] = Registry().with_resource("urn:vendor", resource)

    @cache  # noqa: B019  a description lives as long as the tests
    def _validator(self, pointer: str) -> Draft202012Validator:
        schema = f"urn:vendor#{pointer}/content/application~1json/schema"
        return Draft202012Validator({"$ref": schema}, registry=self._registry)

    def problems(self, pointer: str, body: Any, where: str) -> Iterator[str]:
        for error in self._validator(pointer).iter_errors(body):
            yield f"{where}: {error.json_path}: {error.message[:300]}"


def as_json_schema(node: Any, *, strict: bool) -> Any:
    """Rewrite OpenAPI 3.0's `nullable`; when strict, allow no field that is not described."""
    if isinstance(node, list):
        return [as_json_schema(item, strict=strict) for item in node]
    if not isinstance(node, dict):
        return node
    made = {key: as_json_schema(value, strict=strict) for key, value in node.items()}
    if node.get("nullable") is True:
        return {"anyOf": [made, {"type": "null"}]}
    if strict and node.get("type") == "object" and isinstance(node.get("properties"), dict):
        made.setdefault("additionalProperties", False)
    return made


def escaped(template: str) -> str:
    """A path as a part of a JSON pointer in a URI."""
    return template.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D")
