"""A server on loopback that plays the vendors, holds requests to their contracts, and misbehaves.

The real SDKs talk to it over real HTTP: `standin.url("openai")` goes into their settings.
"""

import json
import socket
import struct
import sys
import traceback
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.vendors.messages import Answer, Done, Hang, Reply, Request, Stream
from tests.vendors.published import Published


class Vendor(Protocol):
    """Plays one vendor."""

    prefix: str  # of all its paths here

    def answer(self, request: Request) -> Answer:
        """The right answer, or a refusal that the real vendor would give."""

    def description(self, request: Request) -> tuple[Published, str]:
        """The published description that a request falls under, and its path there."""


@dataclass
class Fault:
    """An answer that stands in for the right one, so many times."""

    path: str
    answer: Answer
    times: int
    after: int  # right answers before the first wrong one


class StandIn:
    """One server for all vendors; `requests` and `violations` tell a test what happened.

    Websockets are let through to the port `talks_at`.
    """

    talks_at: int | None = None

    def __init__(self, *vendors: Vendor) -> None:
        self.vendors = {vendor.prefix: vendor for vendor in vendors}
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.faults: list[Fault] = []
        self.over = Event()
        handler = type("BoundHandler", (Handler,), {"standin": self})
        self._server = Server(("127.0.0.1", 0), handler)
        self._server.troubles = self.violations
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def url(self, prefix: str) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/{prefix}"

    def misbehave(self, path: str, answer: Answer, *, times: int = 1, after: int = 0) -> None:
        """Give this answer to the next requests whose path ends so."""
        self.faults.append(Fault(path, answer, times, after))

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path.endswith(path)]

    def answer(self, request: Request) -> Answer:
        """The right answer or the fault that was asked for; both sides held to the contract."""
        self.requests.append(request)
        vendor = self.vendors[request.vendor]
        published, path = vendor.description(request)
        self.violations += published.problems(request.method, path, request)
        fault = self._fault(request)
        if isinstance(fault, Done):
            vendor.answer(request)
            return fault.instead
        if fault:
            return fault
        answer = vendor.answer(request)
        if isinstance(answer, Reply) and answer.described:
            self.violations += published.answer_problems(request.method, path, answer)
        return answer

    def _fault(self, request: Request) -> Answer | None:
        for fault in self.faults:
            if request.path.endswith(fault.path) and fault.times:
                if fault.after:
                    fault.after -= 1
                    return None
                fault.times -= 1
                return fault.answer
        return None

    def close(self) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()


class Server(ThreadingHTTPServer):
    """A client that goes away is no trouble; a mistake of the stand-in fails the test."""

    troubles: list[str]

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            self.troubles.append(traceback.format_exc())


class Handler(BaseHTTPRequestHandler):
    """HTTP for the stand-in: reads a request, writes whatever answer it is given."""

    disable_nagle_algorithm = True  # a body would wait 40 ms for the receipt of its headers

    standin: StandIn
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._serve()

    do_POST = do_PATCH = do_DELETE = do_PUT = do_HEAD = do_GET

    def log_message(self, *args: Any) -> None:
        """Tests read `requests` instead."""

    def _serve(self) -> None:
        if self.standin.talks_at and "Upgrade" in self.headers:
            self._let_through(self.standin.talks_at)
            return
        answer = self.standin.answer(self._request())
        if isinstance(answer, Reply):
            self._reply(answer)
        elif isinstance(answer, Stream):
            self._stream(answer)
        elif isinstance(answer, Hang):
            self.standin.over.wait(20)
            self.close_connection = True
        else:
            self._reset()

    def _request(self) -> Request:
        parts = urlsplit(self.path)
        _, vendor, rest = parts.path.split("/", 2)
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(
            vendor=vendor,
            method=self.command,
            path=f"/{rest}",
            query=parse_qs(parts.query),
            headers=headers,
            body=json.loads(raw) if "json" in headers.get("content-type", "") and raw else None,
            size=len(raw),
            raw=raw,
        )

    def _reply(self, reply: Reply) -> None:
        text = reply.body if isinstance(reply.body, str | bytes) else json.dumps(reply.body)
        payload = text if isinstance(text, bytes) else text.encode()
        payload = b"" if reply.status == 204 else payload
        kind = "text/plain" if isinstance(reply.body, str) else "application/json"
        headers = {"Content-Type": kind, "Content-Length": str(len(payload)), **reply.headers}
        self.send_response(reply.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def _stream(self, stream: Stream) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for line in lines_of(stream):
            self.wfile.write(f"{len(line):x}\r\n".encode() + line + b"\r\n")
        if stream.ending == "cut":
            self._reset()
        else:
            self.wfile.write(b"0\r\n\r\n")

    def _let_through(self, port: int) -> None:
        """Bytes go both ways, from this request on, until one side closes."""
        self.close_connection = True
        lines = [self.requestline, *(f"{name}: {value}" for name, value in self.headers.items())]
        head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode()
        with socket.create_connection(("127.0.0.1", port)) as talk:
            talk.sendall(head)
            back = Thread(target=pour, args=(talk, self.connection), daemon=True)
            back.start()
            pour(self.connection, talk)
            back.join()

    def _reset(self) -> None:
        """Close with a reset instead of a farewell (SO_LINGER, 0 seconds)."""
        self.wfile.flush()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.shutdown(socket.SHUT_RD)
        self.close_connection = True


def lines_of(stream: Stream) -> Iterator[bytes]:
    events = stream.events if stream.ending == "whole" else stream.events[: len(stream.events) // 2]
    for event in events:
        yield f"data: {json.dumps(event)}\n\n".encode()
    if stream.ending == "whole":
        yield b"data: [DONE]\n\n"


def pour(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):  # either side may be gone
        while piece := source.recv(1 << 16):
            target.sendall(piece)
    with suppress(OSError):
        target.shutdown(socket.SHUT_WR)
