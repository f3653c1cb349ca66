"""Pinecone as far as the product uses it: indexes, and vectors in their namespaces."""

import math
from typing import Any

from django.contrib.auth.models import User

from experts.models import site_mark
from tests.vendors.messages import KEY, Answer, Reply, Request
from tests.vendors.published import Published, published

MOST_BYTES = 2 * 2**20

Vectors = dict[str, dict[str, Any]]


def namespace_of(owner: User) -> str:
    """What this site calls an owner's namespace."""
    return f"{site_mark()}-owner-{owner.pk}"


class PineconeStandIn:
    """`indexes` are descriptions by name; `namespaces` hold the vectors by id.

    Eventually consistent, where told so: what `is_late` is neither listed nor found until it
    `settles`. `loses` are ids that it takes and has not, `drops` how many of each upsert it does
    not take, and says so.
    """

    prefix = "pinecone"

    def __init__(self) -> None:
        self.control = published("pinecone_control")
        self.data = published("pinecone_data")
        self.host = ""  # set once the server knows its port
        self.indexes: dict[str, dict[str, Any]] = {}
        self.namespaces: dict[str, Vectors] = {}
        self.most_bytes = MOST_BYTES
        self.is_late = False
        self.late: dict[str, Vectors] = {}
        self.loses: set[str] = set()
        self.drops = 0

    def settle(self) -> None:
        """What was written shows from now on."""
        self.is_late = False
        for name, vectors in self.late.items():
            self.namespaces.setdefault(name, {}).update(vectors)
        self.late = {}

    def description(self, request: Request) -> tuple[Published, str]:
        published = self.control if request.path.startswith("/indexes") else self.data
        return published, data_path(request.path)

    def answer(self, request: Request) -> Answer:
        if request.headers.get("api-key") != KEY:
            return Reply(f"Invalid API Key {KEY}", 401)
        if request.path.startswith("/indexes"):
            return self._manage(request)
        if request.size > self.most_bytes:
            return refusal(413, "Request is too large")
        return self._serve(data_path(request.path), request)

    def make_index(self, name: str, *, dimension: int, metric: str = "cosine") -> None:
        field = {"type": "dense_vector", "dimension": dimension, "metric": metric}
        self.indexes[name] = {
            "name": name,
            "host": f"{self.host}/data",
            "status": {"ready": True, "state": "Ready"},
            "deployment": {"deployment_type": "managed", "cloud": "aws", "region": "us-east-1"},
            "schema": {"fields": {"_values": field}},
            "deletion_protection": "disabled",
        }

    def _manage(self, request: Request) -> Reply:
        if request.method == "POST":
            field = request.body["schema"]["fields"]["_values"]
            self.make_index(
                request.body["name"], dimension=field["dimension"], metric=field["metric"]
            )
            return Reply(self.indexes[request.body["name"]], 201)
        found = self.indexes.get(request.path.removeprefix("/indexes/"))
        return Reply(found) if found else control_refusal(404, "NOT_FOUND")

    def _serve(self, path: str, request: Request) -> Reply:
        if path == "/namespaces":
            return Reply({"namespaces": [{"name": name} for name in self.namespaces]})
        body = request.body or {}
        name = body.get("namespace") or request.query.get("namespace", [""])[0]
        if path == "/vectors/upsert":
            there = self.late if self.is_late else self.namespaces
            return self._upsert(there.setdefault(name, {}), body["vectors"])
        if path == "/query":
            return self._query(self.namespaces.get(name, {}), body)
        if name not in self.namespaces:
            return refusal(404, "Namespace not found")
        vectors = self.namespaces[name]
        if path == "/vectors/delete":
            for key in body["ids"]:
                vectors.pop(key, None)
            return Reply({})
        return self._list(name, request.query)

    def _list(self, name: str, query: dict[str, list[str]]) -> Reply:
        """A page of 100 ids; `next` is where the following one begins."""
        prefix, start = query.get("prefix", [""])[0], int(query.get("paginationToken", ["0"])[0])
        ids = [{"id": key} for key in sorted(self.namespaces[name]) if key.startswith(prefix)]
        answer: dict[str, Any] = {"vectors": ids[start : start + 100], "namespace": name}
        if ids[start + 100 :]:
            answer["pagination"] = {"next": str(start + 100)}
        return Reply(answer)

    def _upsert(self, vectors: Vectors, given: list[dict[str, Any]]) -> Reply:
        dimension = self._dimension()
        if any(len(vector["values"]) != dimension for vector in given):
            return refusal(400, f"Vector dimension does not match the dimension {dimension}")
        taken, self.drops = given[self.drops :], 0
        vectors.update({each["id"]: each for each in taken if each["id"] not in self.loses})
        self.loses -= {each["id"] for each in taken}
        return Reply({"upsertedCount": len(taken)})

    def _query(self, vectors: Vectors, body: dict[str, Any]) -> Reply:
        matches = [
            {
                "id": vector["id"],
                "score": cosine(body["vector"], vector["values"]),
                "metadata": as_kept(vector["metadata"]),
            }
            for vector in vectors.values()
            if fits(vector["metadata"], body.get("filter", {}))
        ]
        matches.sort(key=lambda match: -match["score"])
        return Reply({"matches": matches[: body["topK"]], "namespace": body.get("namespace", "")})

    def _dimension(self) -> int:
        fields = next(iter(self.indexes.values()))["schema"]["fields"]
        return int(fields["_values"]["dimension"])


def data_path(path: str) -> str:
    return path.removeprefix("/data")


def fits(metadata: dict[str, Any], conditions: dict[str, Any]) -> bool:
    """Whether every field has one of the values that {"$in"} or {"$eq"} allow."""
    return all(
        metadata[name] in condition.get("$in", [condition.get("$eq")])
        for name, condition in conditions.items()
    )


def as_kept(metadata: dict[str, Any]) -> dict[str, Any]:
    """Pinecone keeps every number as a float."""
    return {name: float(v) if isinstance(v, int) else v for name, v in metadata.items()}


def cosine(one: list[float], other: list[float]) -> float:
    dot = sum(a * b for a, b in zip(one, other, strict=True))
    return dot / ((math.hypot(*one) * math.hypot(*other)) or 1.0)


def refusal(status: int, message: str, headers: dict[str, str] | None = None) -> Reply:
    return Reply({"code": 3, "message": message, "details": []}, status, headers or {})


def control_refusal(status: int, code: str, message: str = "Refused") -> Reply:
    return Reply({"status": status, "error": {"code": code, "message": message}}, status)
