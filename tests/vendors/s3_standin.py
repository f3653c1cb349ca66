"""S3 as moto plays it, behind a door at which it can be told to answer wrongly."""

import httpx

from tests.vendors.messages import Answer, Reply, Request
from tests.vendors.published import Published, published

OF_THE_CONNECTION = {"connection", "transfer-encoding", "content-encoding"}


class S3StandIn:
    """Passes everything on to moto's server at `address`."""

    prefix = "s3"

    def __init__(self, address: str) -> None:
        self.address = address

    def description(self, request: Request) -> tuple[Published, str]:
        return published("s3"), request.path  # nobody publishes one that could be held against it

    def answer(self, request: Request) -> Answer:
        answer = httpx.request(  # a connection of its own, which nobody has to close
            request.method,
            self.address + request.path,
            params={name: values[0] for name, values in request.query.items()},
            headers=request.headers,
            content=request.raw,
            timeout=20,
        )
        headers = {
            name.title(): value
            for name, value in answer.headers.items()
            if name.lower() not in OF_THE_CONNECTION
        }
        return Reply(answer.content, answer.status_code, headers)


def refusal(status: int, code: str, headers: dict[str, str] | None = None) -> Reply:
    """An error as S3 words it."""
    body = f"<Error><Code>{code}</Code><Message>{code} it is</Message></Error>"
    return Reply(body.encode(), status, {"Content-Type": "application/xml", **(headers or {})})
