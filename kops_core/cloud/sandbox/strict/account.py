"""The strict account: installs behaviours in the emulator, schedules their delays, and removes them."""

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
    """One API call, before the emulator handles it."""

    service: str
    """botocore's name, e.g. ``elbv2``."""
    action: str
    """E.g. ``CreateSubnet``."""
    parameters: Json
    """With the names of the API's model, nested."""

    @property
    def reads(self) -> bool:
        """Whether it only reads."""
        return self.action.startswith(("Describe", "Get", "List"))

    def values(self) -> Iterator[str]:
        """All strings in the parameters; lists in one string (subnets of a group) are split."""
        yield from _texts(self.parameters)


@dataclass(frozen=True)
class Behaviour:
    """A behaviour of AWS that the emulator lacks."""

    name: str
    does: str
    """The behaviour, as a sentence for ``docs/strict-account.md``."""
    source: str
    """Where it is documented, or handled by kOps."""
    install: Callable[[StrictAccount], None]


Check = Callable[[Request], None]
"""Called before a call is executed. Raises ServiceException to refuse it."""
Edit = Callable[[Request, str], str]
"""Called with the body of a successful response; returns the body to send."""


@dataclass
class Failure:
    """A failure that the account injects once."""

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
    """Failures of the next creations of a kind, e.g. of a NAT gateway."""
    rate_scale: float = 1.0
    """The fraction of AWS' request rates that the account has."""
    throttled: Counter[str] = field(default_factory=Counter)
    """Service and call -> number of throttled calls."""
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
        """Replaces a method by the result of ``make``, until the account ends."""
        original = getattr(owner, name)
        self.replace(owner, name, wraps(original)(make(original)))

    def replace(self, owner: type, name: str, attribute: object) -> None:
        """Replaces an attribute of a class until the account ends. Raises AttributeError if there is none."""
        getattr(owner, name)
        self._undo.append((owner, name, vars(owner).get(name, _MISSING)))
        setattr(owner, name, attribute)

    def later(self, seconds: float, act: Callable[[], None]) -> None:
        """Schedules an action before the first call after a delay in seconds."""
        heapq.heappush(self._due, (self.now() + seconds, next(self._order), act))

    def check(self, check: Check) -> None:
        """Registers a check of every call before it is executed."""
        self._checks.append(check)

    def edit(self, edit: Edit) -> None:
        """Registers an edit of every response before it is sent."""
        self._edits.append(edit)

    def fails(self, kind: str) -> Failure | None:
        """Whether the current creation of a kind fails."""
        for failure in self.failures:
            if failure.kind == kind:
                self.failures.remove(failure)
                return failure
        return None

    def advance(self) -> None:
        """Runs the actions that are due."""
        while self._due and self._due[0][0] <= self.now():
            heapq.heappop(self._due)[2]()

    def _around(self, original: Callable[..., Json]) -> Callable[..., Json]:
        from moto.core.exceptions import ServiceException

        def call_action(response: Json) -> Json:
            # One after the other, because neither the emulator nor this is thread-safe.
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
    """An error in the form of any service."""
    from moto.core.exceptions import ServiceException

    class Refusal(ServiceException):
        """Defined here, because the emulator takes its own for errors of the service in their module."""

    return Refusal(code, message)


def _parameters(response: Json) -> Json:
    parsed = getattr(response, "params", None)
    if parsed is None and isinstance(response.body, str) and response.body.startswith("{"):
        parsed = json.loads(response.body)
    return parsed or {}


def _refused(response: Json, error: ServiceException) -> Json:
    from moto.core.responses import ActionResult

    with warnings.catch_warnings():
        # Common errors are in no service's model.
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
