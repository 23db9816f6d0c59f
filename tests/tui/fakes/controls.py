"""What a test sets about the fake engine, and what it finds out about it."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import timedelta

from kops_core import MfaPrompt, Validation, ValidationFailure
from kops_core.engine.settings import Settings
from kops_core.errors import KopsError
from kops_core.operations.group_status import InstanceGroup, Role
from kops_core.operations.validation import FailureKind, ValidatedNode
from tests.tui.fakes.documents import NOW
from tests.tui.fakes.history import FakeHistory

_CONTROL_PLANE = InstanceGroup("control-plane-eu-central-1a", Role.CONTROL_PLANE, "")
_NODES = InstanceGroup("nodes", Role.NODE, "")
NOT_VALID = Validation(
    (
        ValidationFailure(
            FailureKind.POD,
            "kube-system/coredns-7d8f",
            "the system-cluster-critical pod is pending: 0/7 nodes are available",
            "look at its events and logs: kubectl -n kube-system describe pod coredns-7d8f",
            since=NOW - timedelta(minutes=4),
        ),
        ValidationFailure(
            FailureKind.MACHINE,
            "i-0a12bc34de56f7890",
            "the machine has not joined the cluster yet",
            "if it has been running for 10 minutes, look at its console output",
            _NODES,
        ),
    ),
    tuple(
        ValidatedNode(f"i-{place}", "eu-central-1a", group.role, "", "True")
        for place, group in enumerate((_CONTROL_PLANE, _NODES, _NODES))
    ),
)
"""Two failures: one that holds up every roll, one of a group of nodes."""


@dataclass
class Controls:
    """How a fake engine behaves, and what was asked of it.

    ``errors`` makes a call fail; ``stop_at`` holds an operation before a step.
    """

    settings: Settings
    errors: dict[str, KopsError | Exception] = field(default_factory=dict)
    destructive: bool = False
    held_back: bool = False
    """Whether a rule that nobody desires waits for pruning."""
    plan_errors: tuple[str, ...] = ()
    validation: Validation = NOT_VALID
    """What validating a cluster finds."""
    stop_at: int | None = None
    held: threading.Event = field(default_factory=threading.Event)
    """Set while an operation is held."""
    let_go: threading.Event = field(default_factory=threading.Event)
    slow_store: threading.Event | None = None
    """Given, a second store answers only once it is set."""
    rolled: bool = False
    foreign: bool = False
    """Whether somebody else's instance is in the way of a deletion."""
    protected: tuple[str, ...] = ()
    calls: list[str] = field(default_factory=list)
    writes: list[str] = field(default_factory=list)
    """Every operation that was begun, and every save."""
    saved: FakeHistory = field(default_factory=FakeHistory)
    """What was saved."""
    mfa_prompt: MfaPrompt = field(default_factory=MfaPrompt)
    needs_code: set[str] = field(default_factory=set)
    """Calls that ask for the code of a multi-factor device, once each."""
    codes: list[str] = field(default_factory=list)

    def enter(self, what: str) -> None:
        """Note a call; fail, or ask for a code, where that was wished."""
        self.calls.append(what)
        if what in self.needs_code:
            self.codes.append(self.mfa_prompt("Enter MFA code for arn:aws:iam::1:mfa/ann: "))
            self.needs_code.remove(what)
        problem = self.errors.get(what)
        if problem is not None:
            raise problem

    def gate(self, number: int) -> None:
        """Hold an operation before a step, where that was wished."""
        if self.stop_at is not None and number >= self.stop_at and not self.let_go.is_set():
            self.held.set()
            self.let_go.wait(20)
