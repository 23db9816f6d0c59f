"""The strict account: installs behaviours over the emulator, keeps their time, and takes them out again."""

from __future__ import annotations

import heapq
import itertools
import json
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import wraps
from types import TracebackType
from typing import TYPE_CHECKING, Self

from kops_core.cloud.sandbox.moto_patches.patching import Json

if TYPE_CHECKING:
    from moto.core.exceptions import ServiceException

_MISSING = object()


@dataclass(frozen=True)
class Request:
    """One API call, before the emulator sees it."""

    service: str
    """As botocore names it, e.g. ``elbv2``."""
    action: str
    """E.g. ``CreateSubnet``."""
    parameters: Json
    """As the call's model names them, nested."""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.action.startswith(("Describe", "Get", "List"))

    def values(self) -> Iterator[str]:
        """Every text in the parameters; lists in one text (subnets of a group) one by one."""
        yield from _texts(self.parameters)


@dataclass(frozen=True)
class Behaviour:
    """Something that AWS does and the emulator does not."""

    name: str
    does: str
    """What AWS does, in a sentence for ``docs/strict-account.md``."""
    source: str
    """Where that is documented, or where kOps copes with it."""
    install: Callable[[StrictAccount], None]


Check = Callable[[Request], None]
"""Called before a call is carried out. Raises ServiceException to refuse it."""
Edit = Callable[[Request, str], str]
"""Called with the body of a successful answer; returns the body to send."""


@dataclass
class Failure:
    """What the account is told to let go wrong, once."""

    kind: str
    """E.g. ``NatGateway``."""
    code: str
    message: str


@dataclass
class StrictAccount:
    """As a context manager, makes the emulator in this process behave as AWS does.

    now: seconds, from any start. behaviours: all of ``BEHAVIOURS``, or some of them by name.
    """

    now: Callable[[], float]
    behaviours: Sequence[Behaviour]
    only: Collection[str] | None = None
    failures: list[Failure] = field(default_factory=list)
    """What the next creations of a kind end with, e.g. a NAT gateway that fails."""
    rate_scale: float = 1.0
    """How much of AWS' request rates the account has."""
    throttled: Counter[str] = field(default_factory=Counter)
    """Service and call -> how often it was refused for its rate."""
    _lock: threading.RLock = field(default_factory=threading.RLock)
    _due: list[tuple[float, int, Callable[[], None]]] = field(default_factory=list)
    _order: Iterator[int] = field(default_factory=itertools.count)
    _checks: list[Check] = field(default_factory=list)
    _edits: list[Edit] = field(default_factory=list)
    _undo: list[tuple[type, str, object]] = field(default_factory=list)

    def __enter__(self) -> Self:
        from moto.core.responses import BaseResponse

        unknown = set(self.only or ()) - {each.name for each in self.behaviours}
        if unknown:
            raise ValueError(f"no such behaviours: {sorted(unknown)}")
        self.patch(BaseResponse, "call_action", self._around)
        for behaviour in self.behaviours:
            if self.only is None or behaviour.name in self.only:
                behaviour.install(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for owner, name, before in reversed(self._undo):
            if before is _MISSING:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
        self._undo.clear()

    def patch(
        self, owner: type, name: str, make: Callable[[Callable[..., Json]], Callable[..., Json]]
    ) -> None:
        """Replaces a method by what ``make`` builds around it, until the account ends."""
        original = getattr(owner, name)
        self.replace(owner, name, wraps(original)(make(original)))

    def replace(self, owner: type, name: str, attribute: object) -> None:
        """Replaces an attribute of a class until the account ends. Raises AttributeError if there is none."""
        getattr(owner, name)
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, attribute)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Has something happen before the first call that is made after so many seconds."""
        heapq.heappush(self._due, (self.now() + seconds, next(self._order), act))

    def check(self, check: Check) -> None:
        """Has every call looked at before it is carried out."""
        self._checks.append(check)

    def edit(self, edit: Edit) -> None:
        """Has every answer looked at before it is sent."""
        self._edits.append(edit)

    def fails(self, kind: str) -> Failure | None:
        """Whether the creation of a kind that begins now is to fail."""
        for failure in self.failures:
            if failure.kind == kind:
                self.failures.remove(failure)
                return failure
        return None

    def advance(self) -> None:
        """Lets happen what is due."""
        while self._due and self._due[0][0] <= self.now():
            heapq.heappop(self._due)[2]()

    def _around(self, original: Callable[..., Json]) -> Callable[..., Json]:
        from moto.core.exceptions import ServiceException

        def call_action(response: Json) -> Json:
            # One after the other: the emulator's state is not made for threads, nor is ours.
            with self._lock:
                return handle(response)

        def handle(response: Json) -> Json:
            self.advance()
            request = Request(response.boto3_service_name, response._get_action(), _parameters(response))
            try:
                for check in self._checks:
                    check(request)
            except ServiceException as error:
                return _refused(response, error)
            status, headers, body = original(response)
            if status < 300 and isinstance(body, str):
                for edit in self._edits:
                    body = edit(request, body)
            return status, headers, body

        return call_action


def refusal(code: str, message: str) -> ServiceException:
    """An error as any service answers it."""
    from moto.core.exceptions import ServiceException

    class Refusal(ServiceException):
        """Of a module of ours: the emulator takes those of its own for errors of the service named there."""

    return Refusal(code, message)


def _parameters(response: Json) -> Json:
    parsed = getattr(response, "params", None)
    if parsed is None and isinstance(response.body, str) and response.body.startswith("{"):
        parsed = json.loads(response.body)
    return parsed or {}


def _refused(response: Json, error: ServiceException) -> Json:
    from moto.core.responses import ActionResult

    with warnings.catch_warnings():
        # Errors that all services have in common are in no service's model.
        warnings.filterwarnings("ignore", "Exception.* does not match an error shape")
        status, headers, body = response.serialized(ActionResult(error))
    headers["status"] = str(status)
    return status, headers, body


def _texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield from value.split(",")
    elif isinstance(value, dict):
        for each in value.values():
            yield from _texts(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from _texts(each)
