"""The state of a rolling update as plain data: groups, the instances to be replaced, and their stages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TypeAlias

from kops_core.errors import KopsError
from kops_core.operations.events import HeldPod
from kops_core.operations.group_status import InstanceGroup
from kops_core.operations.rolling.settings import GroupLimits
from kops_core.operations.validation import Failure


class Stage(Enum):
    """The stage of the replacement of one instance: what is being done to it."""

    WAITING = "waiting"
    DETACHING = "detaching"
    """It leaves its group, which starts another."""
    CORDONING = "cordoning"
    EXCLUDING = "excluding"
    """The label that keeps load balancers of services away from its node."""
    DEREGISTERING = "deregistering"
    DRAINING = "draining"
    DELAY = "post-drain delay"
    TERMINATING = "terminating"
    INTERVAL = "interval"
    """It is terminated; the interval passes before the cluster is validated."""
    REPLACING = "replacing"
    """Its replacement joins, and the cluster is validated."""
    RETURNING = "returning"
    """It stays: all that was done to its node is undone."""
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_over(self) -> bool:
        """Whether nothing more is done."""
        return self is Stage.DONE or self is Stage.SKIPPED or self is Stage.FAILED

    @property
    def is_reversible(self) -> bool:
        """Whether something was done to the instance which can still be undone."""
        return self in _REVERSIBLE

    @property
    def is_under_way(self) -> bool:
        """Whether it is out of service, or about to be."""
        return not (
            self is Stage.WAITING or self is Stage.DETACHING or self is Stage.RETURNING or self.is_over
        )

    @property
    def has_left_service(self) -> bool:
        """Whether it is out of service for certain: cordoned, or terminated."""
        return self.is_under_way and self is not Stage.CORDONING and self is not Stage.TERMINATING


_REVERSIBLE = frozenset(
    {
        Stage.DETACHING,
        Stage.CORDONING,
        Stage.EXCLUDING,
        Stage.DEREGISTERING,
        Stage.DRAINING,
        Stage.DELAY,
        Stage.TERMINATING,
    }
)


@dataclass(frozen=True)
class Member:
    """An instance that is to be replaced; times are of the monotonic clock."""

    id: str
    reason: str = ""
    """Why."""
    node: str = ""
    """Name of its node; "" if it has none."""
    warm: bool = False
    """Whether it waits in the warm pool."""
    detached: bool = False
    """Whether it has left its group, which has another in its place."""
    undetachable: bool = False
    """Whether the cloud refused to detach it."""
    cordoned_before: bool = False
    excluded_before: bool = False
    """Whether its node was cordoned or had the label before the update."""
    stage: Stage = Stage.WAITING
    began: float = 0.0
    """When its replacement began."""
    since: float = 0.0
    """When the stage began."""
    due: float = 0.0
    """When to look at it again."""
    note: str = ""
    """What it waits for."""
    held: tuple[HeldPod, ...] = ()
    """Pods that may not leave its node."""
    failing_since: float | None = None
    """Since when a call for it finds a service away; None if none does."""
    is_blocked: bool = False
    """Whether it waits for something that the operator should know of."""
    resumed: bool = False
    """Whether an earlier run began with it, so that its node's state before is that of the journal."""
    left: bool = False
    """Whether what was done to its node could not be undone."""
    ends: Stage = Stage.SKIPPED
    """How it ends after RETURNING."""
    why: str = ""
    """Why it was skipped or failed."""


@dataclass(frozen=True)
class Check:
    """Validations of the cluster until enough have passed one after the other."""

    needed: int
    until: float
    """When its time is over."""
    due: float
    covers: frozenset[str] = frozenset()
    """Instances whose replacement it confirms: those that were gone when it began."""
    after_surge: bool = False
    """Whether it confirms instances that were added for the time of the update."""
    passes: int = 0
    why: str = ""
    """Why the last one failed."""
    is_replacing: bool = False
    """Whether it failed for nothing but the group's own new instances, as it always does at first."""


class GroupStage(Enum):
    """The stage of the update of a group."""

    WAITING = "waiting"
    CHECKING = "checking"
    """The cluster is validated before anything is done to the group."""
    TAINTING = "tainting"
    WARM_POOL = "warm pool"
    SURGING = "surging"
    ROLLING = "rolling"
    CLOSING = "closing"
    """Nothing new is started: what is under way is ended or undone."""
    OVER = "over"


@dataclass(frozen=True)
class GroupRoll:
    """The update of one group."""

    group: InstanceGroup
    limits: GroupLimits
    members: tuple[Member, ...]
    """In the order in which they are replaced; detached ones are last."""
    interval: float
    confirms: bool = True
    """Whether the cluster is validated after instances were terminated."""
    stage: GroupStage = GroupStage.WAITING
    proven: bool = False
    """Whether an instance of the present specification is known to work."""
    deregisters: bool = False
    """Whether instances have to leave load balancers."""
    unverified: bool = False
    """Whether instances were detached since the last validation."""
    settles: bool = False
    """Whether nothing is replaced: the group is only waited for until it is complete."""
    due: float = 0.0
    """When the next thing is done that is about the group."""
    check: Check | None = None
    confirmed: tuple[str, ...] = ()
    """Instances whose replacement the last step confirmed."""
    failing_since: float | None = None
    note: str = ""
    """What it waits for."""
    error: KopsError | None = None
    ends_all: bool = False
    """Whether its error ends the update of the other groups, too."""
    warnings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of the instance group."""
        return self.group.name

    @property
    def is_active(self) -> bool:
        """Whether it has begun and not ended."""
        return self.stage is not GroupStage.WAITING and self.stage is not GroupStage.OVER

    @property
    def under_way(self) -> int:
        """Instances that are out of service, or about to be."""
        return sum(each.stage.is_under_way and not each.warm for each in self.members)

    @property
    def surplus(self) -> int:
        """Instances that the group has in addition, because that many were detached."""
        return sum(each.detached and each.stage is not Stage.DONE for each in self.members)

    @property
    def unavailable(self) -> int:
        """Instances that it lacks at the moment, at most."""
        return max(0, self.under_way - self.surplus)

    @property
    def concurrency(self) -> int:
        """Instances that may be out of service at once."""
        if not self.proven:
            return 1
        return max(1, min(self.surplus, self.limits.surge) + self.limits.unavailable)

    def member(self, instance: str) -> Member:
        """One of its instances."""
        return next(each for each in self.members if each.id == instance)

    def with_member(self, changed: Member) -> GroupRoll:
        """With one instance changed; one that was detached becomes the last."""
        if changed.detached and not self.member(changed.id).detached:
            kept = tuple(each for each in self.members if each.id != changed.id)
            return replace(self, members=(*kept, changed))
        return replace(
            self, members=tuple(changed if each.id == changed.id else each for each in self.members)
        )

    def with_members(self, change: Callable[[Member], Member]) -> GroupRoll:
        """With each instance changed; the same group if none is."""
        members = tuple(change(each) for each in self.members)
        same = all(after is before for after, before in zip(members, self.members, strict=True))
        return self if same else replace(self, members=members)


class Act(Enum):
    """A call, or a few, that the update makes next."""

    VALIDATE = "validate"
    TAINT = "taint"
    DETACH = "detach"
    CORDON = "cordon"
    EXCLUDE = "exclude"
    DEREGISTER = "deregister"
    DRAIN = "drain"
    TERMINATE = "terminate"
    RETURN = "return"


@dataclass(frozen=True)
class Request:
    """What to do next, and to which instance."""

    act: Act
    instance: str = ""
    """"" if it is about the whole group."""


@dataclass(frozen=True)
class Done:
    """A request succeeded."""


@dataclass(frozen=True)
class Again:
    """A request has to be made again later, as nothing is wrong but something takes its time."""

    note: str
    """What is waited for."""
    after: float
    """Seconds."""
    is_blocked: bool = False
    """Whether it waits for others, so that the operator should know."""
    held: tuple[HeldPod, ...] = ()
    """Pods that may not leave the node."""


@dataclass(frozen=True)
class Away:
    """A service is away or refuses for a while; it is asked again."""

    error: KopsError


@dataclass(frozen=True)
class Refusal:
    """A request failed for good."""

    error: KopsError


@dataclass(frozen=True)
class Validated:
    """What a validation found: what keeps this group from going on, and instances that have not left yet."""

    failures: Sequence[Failure] = field(default_factory=tuple)
    leaving: tuple[str, ...] = ()


Result: TypeAlias = Done | Again | Away | Refusal | Validated
