"""Fault injection: a proxy between the SDK and the emulator that throttles, breaks, loses and delays calls.

Both sides are real sockets. A fault decides about each request; the emulator only gets those that it lets
through.
"""

from __future__ import annotations

import http.client
import random
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar, Self
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

from kops_core.cloud.sandbox.strict.consistency import EC2_ID, NOT_FOUND
from tests.aws.account import READING


@dataclass(frozen=True)
class Request:
    """The parts of a request that faults use."""

    service: str
    """The service of its signature, e.g. ``ec2``."""
    operation: str
    """The API's operation; for REST services the method and path."""
    values: tuple[str, ...]
    """Values of parameters, for services with form requests."""
    signed_at: str = ""
    """``X-Amz-Date``, e.g. ``20260101T000000Z``."""

    @property
    def changes(self) -> bool:
        return not self.operation.startswith((*READING, "GET", "HEAD"))


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Lost(Exception):
    """The connection breaks without a response."""


class Silent(Exception):
    """The connection stays open without a response, so that the caller runs into its timeout."""


class Fault:
    """Base class of faults, without any.

    Both methods may raise Lost or Silent; ``after`` runs after the call.
    """

    def before(self, request: Request) -> Answer | None:
        """A response instead of the call to the emulator."""
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        """A response in place of the emulator's."""
        return answer


def refusal(service: str, code: str, status: int, message: str = "said by the weather") -> Answer:
    """An error response in the form of a service."""
    if service in {"sqs", "events", "ssm"}:
        body = f'{{"__type": "{code}", "message": "{message}"}}'
        return Answer(status, body.encode(), {"Content-Type": "application/x-amz-json-1.1"})
    error = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    if service == "ec2":
        error = f"<Response><Errors>{error}</Errors></Response>"
    elif service != "s3":
        error = f"<ErrorResponse>{error}</ErrorResponse>"
    return Answer(status, error.encode(), {"Content-Type": "text/xml"})


class ByChance(Fault):
    """Hits a fraction of the calls, including the first call of each changing operation."""

    def __init__(self, share: float) -> None:
        self._random = random.Random(7)
        self._share = share
        self._lock = threading.Lock()
        self._met: set[str] = set()
        self.struck: Counter[str] = Counter()
        """The number of hits by service."""

    def strikes(self, request: Request) -> bool:
        with self._lock:
            name = f"{request.service} {request.operation}"
            first = request.changes and request.service != "s3" and name not in self._met
            self._met.add(name)
            hit = first or self._random.random() < self._share
            self.struck[request.service] += hit
            return hit


class Throttled(ByChance):
    """Throttles calls, with each service's own error."""

    CODES: ClassVar = {"ec2": ("RequestLimitExceeded", 503), "s3": ("SlowDown", 503)}

    def before(self, request: Request) -> Answer | None:
        if not self.strikes(request):
            return None
        return refusal(request.service, *self.CODES.get(request.service, ("Throttling", 400)))


class ThrottledFirst(Fault):
    """Throttles the first EC2 calls."""

    def __init__(self, calls: int) -> None:
        self._left = iter(range(calls))

    def before(self, request: Request) -> Answer | None:
        if request.service != "ec2" or next(self._left, None) is None:
            return None
        return refusal("ec2", "RequestLimitExceeded", 503)


class Broken(ByChance):
    """Internal errors; every second one after the call was executed."""

    def before(self, request: Request) -> Answer | None:
        if self.strikes(request) and self.struck.total() % 2:
            return refusal(request.service, "InternalError", 500)
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        return refusal(request.service, "InternalError", 500) if self.strikes(request) else answer


class Losing(ByChance):
    """Broken connections: before a call is executed, or (every first one) after it."""

    def after(self, request: Request, answer: Answer) -> Answer:
        if self.strikes(request):
            raise Lost
        return answer


class Hanging(Fault):
    """Calls of chosen operations that are executed without a response, once each."""

    def __init__(self, *operations: str) -> None:
        self.left = set(operations)
        self._lock = threading.Lock()

    def after(self, request: Request, answer: Answer) -> Answer:
        with self._lock:
            if request.operation in self.left:
                self.left.remove(request.operation)
                raise Silent
        return answer


class Expired(Fault):
    """Credentials that expire after a number of changing calls."""

    def __init__(self, calls: int) -> None:
        self._left = iter(range(calls))
        self._over = False

    def before(self, request: Request) -> Answer | None:
        if request.changes and next(self._left, None) is None:
            self._over = True
        if not self._over:
            return None
        code, status = ("RequestExpired", 400) if request.service == "ec2" else ("ExpiredToken", 403)
        return refusal(request.service, code, status)


class Stale(Fault):
    """New resources are neither found by id nor listed for a while."""

    def __init__(self, now: Callable[[], float], seconds: float = 3.0) -> None:
        self._now = now
        self._seconds = seconds
        self._made: dict[str, float] = {}
        self._lock = threading.Lock()
        self.refused = 0
        self.hidden = 0

    def _young(self, name: str) -> bool:
        return name in self._made and self._now() < self._made[name] + self._seconds

    def before(self, request: Request) -> Answer | None:
        with self._lock:
            for value in ",".join(request.values).split(","):
                if not self._young(value) or request.operation in {"CreateRole", "CreateInstanceProfile"}:
                    continue
                self.refused += 1
                if request.service == "iam":
                    return refusal("iam", "NoSuchEntity", 404)
                if request.service == "autoscaling":
                    return refusal("autoscaling", "ValidationError", 400, f"{value} does not exist")
                if not request.operation.startswith("Describe"):
                    return refusal(request.service, NOT_FOUND[value.partition("-")[0]], 400)
        return None

    def after(self, request: Request, answer: Answer) -> Answer:
        with self._lock:
            if answer.status != 200:
                return answer
            if request.operation in {"CreateRole", "CreateInstanceProfile"}:
                names = [each for each in request.values if not each.startswith("{")]
                self._made |= {name: self._now() for name in names[:1]}
            if request.service != "ec2":
                return answer
            if request.operation.startswith(("Create", "Allocate")):
                found = set(EC2_ID.findall(answer.body.decode())) - set(request.values)
                for each in found:
                    self._made.setdefault(each, self._now())
            return self._without_young(answer) if request.operation.startswith("Describe") else answer

    def _without_young(self, answer: Answer) -> Answer:
        root = ElementTree.fromstring(answer.body)
        for parent in root.iter():
            for item in [child for child in parent if child.tag.endswith("item")]:
                if any(self._young(value.text or "") for value in item):
                    parent.remove(item)
                    self.hidden += 1
        return Answer(answer.status, ElementTree.tostring(root), answer.headers)


class Together(Fault):
    """Several faults at once; the first hit decides."""

    def __init__(self, *faults: Fault) -> None:
        self._faults = faults

    def before(self, request: Request) -> Answer | None:
        return next((answer for each in self._faults if (answer := each.before(request)) is not None), None)

    def after(self, request: Request, answer: Answer) -> Answer:
        for each in self._faults:
            answer = each.after(request, answer)
        return answer


class FaultProxy(ThreadingHTTPServer):
    """The proxy that injects faults in front of the emulator."""

    daemon_threads = True

    def __init__(self, emulator: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.emulator = urlsplit(emulator).netloc
        self.fault: Fault = Fault()
        self.ended = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @contextmanager
    def weather(self, fault: Fault) -> Iterator[None]:
        """A block with a fault."""
        self.fault = fault
        try:
            yield
        finally:
            self.fault = Fault()

    @classmethod
    @contextmanager
    def of(cls, emulator: str) -> Iterator[Self]:
        """A proxy that runs during a block."""
        with cls(emulator) as front:
            threading.Thread(target=front.serve_forever, args=(0.05,), daemon=True).start()
            yield front
            front.ended.set()
            front.shutdown()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is expected."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: FaultProxy
    _forward: http.client.HTTPConnection | None = None

    def _handle(self) -> None:
        body = self._body()
        if len(body) < int(self.headers.get("Content-Length", 0)):  # its sender was killed
            self.close_connection = True
            return
        request, fault = self._request(body), self.server.fault
        try:
            answer = fault.before(request)
            if answer is None:
                answer = fault.after(request, self._ask(body))
        except Lost:
            self.close_connection = True
            return
        except Silent:
            self.server.ended.wait(30)
            self.close_connection = True
            return
        self.send_response(answer.status)
        length = answer.headers.pop("Content-Length", "") if self.command == "HEAD" else ""
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", length or str(len(answer.body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _handle

    def _body(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while True:
            line = self.rfile.readline()
            parts.append(line)
            size = int(line.split(b";")[0], 16)
            parts.append(self.rfile.read(size + 2))
            if not size:
                return b"".join(parts)

    def _request(self, body: bytes) -> Request:
        scope = re.search(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/", self.headers.get("Authorization", ""))
        service = scope[1] if scope else ""
        form = {} if service == "s3" else parse_qs(body.decode())
        target = self.headers.get("X-Amz-Target", "").rpartition(".")[2]
        operation = target or form.get("Action", [f"{self.command} {self.path}"])[0]
        values = tuple(value for values in form.values() for value in values)
        return Request(service, operation, values, self.headers.get("X-Amz-Date", ""))

    def _ask(self, body: bytes) -> Answer:
        if self._forward is None:
            self._forward = http.client.HTTPConnection(self.server.emulator)
        self._forward.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name != "Expect":
                self._forward.putheader(name, value)
        self._forward.endheaders(body)
        answer = self._forward.getresponse()
        headers = {
            name: value
            for name, value in answer.getheaders()
            if name not in {"Connection", "Transfer-Encoding", "Server", "Date"}
            and (name != "Content-Length" or self.command == "HEAD")
        }
        return Answer(answer.status, answer.read(), headers)

    def finish(self) -> None:
        super().finish()
        if self._forward is not None:
            self._forward.close()

    def log_message(self, *_: object) -> None:
        """Nothing on the tests' output."""
