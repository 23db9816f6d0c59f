"""Simulated auto-scaling groups, in the time of a test's clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from kops_core.cloud.ports import GroupState, Instance
from kops_core.errors import CloudError
from tests.aws.account import FakeClock


@dataclass
class Simulation:
    """An InstanceGroups whose instances take time to start and terminate."""

    clock: FakeClock
    wanted: str = "lt-1:2"
    ends_after: float = 40.0
    up_after: float = 120.0
    broken: bool = False
    """New instances never come into service."""
    on_terminate: Callable[[str], None] = lambda instance: None
    members: dict[str, list[tuple[Instance, float, float]]] = field(default_factory=dict)
    """Group -> instance, when it comes into service, when it ends (0: not at all)."""
    terminated: list[str] = field(default_factory=list)
    fewest: dict[str, int] = field(default_factory=dict)
    """Group -> the minimum number of instances in service at any time."""
    sizes: dict[str, int] = field(default_factory=dict)

    def add(self, group: str, *templates: str) -> None:
        self.members[group] = [
            (Instance(f"i-{group}-{number}", "InService", True, template), 0.0, 0.0)
            for number, template in enumerate(templates)
        ]
        self.sizes[group] = len(templates)
        self.fewest[group] = len(templates)

    def groups(self, names: Sequence[str]) -> Mapping[str, GroupState]:
        return {name: self._state(name) for name in names if name in self.members}

    def tagged(self, names: Sequence[str]) -> Mapping[str, tuple[Instance, ...]]:
        return dict.fromkeys(names, ())

    def template_changes(
        self, pairs: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[str, ...]]:
        """As InstanceGroups says."""
        return {}

    def terminate(self, instance: str) -> None:
        self.on_terminate(instance)
        self.terminated.append(instance)
        for name, members in self.members.items():
            for at, (member, up, _) in enumerate(members):
                if member.id == instance:
                    members[at] = (
                        replace(member, running=False),
                        up,
                        max(self.clock.seconds + self.ends_after, 0.001),
                    )
                    self._state(name)

    def detach(self, instance: str, group: str) -> None:
        raise AssertionError("nothing is detached by the cloud alone")

    def deregister(self, instance: str, group: str) -> tuple[str, ...]:
        raise AssertionError("nothing is deregistered by the cloud alone")

    def register(self, instance: str, group: str) -> None:
        raise AssertionError("nothing is registered by the cloud alone")

    def _state(self, name: str) -> GroupState:
        now = self.clock.seconds
        members = [each for each in self.members[name] if not each[2] or each[2] > now]
        alive = [each for each in members if not each[2]]
        while len(alive) < self.sizes[name] and len(members) < self.sizes[name]:
            number = len(self.terminated)
            made = Instance(f"i-{name}-new{number}-{len(members)}", "Pending", True, self.wanted)
            entry = (made, float("inf") if self.broken else now + self.up_after, 0.0)
            members.append(entry)
            alive.append(entry)
        self.members[name] = members
        seen = [
            replace(each, lifecycle="Terminating" if ends else "InService" if up <= now else "Pending")
            for each, up, ends in members
        ]
        state = GroupState(name, self.wanted, 0, 9, self.sizes[name], tuple(seen))
        serving = sum(each.lifecycle == "InService" and each.running for each in seen)
        self.fewest[name] = min(self.fewest[name], serving)
        return state


class Denied(CloudError):
    """The error that a test injects."""
