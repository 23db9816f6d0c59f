"""When the machines of the account were first seen, and what they read when they started.

Light: the sandbox calls it after each request to EC2, also while nobody asks Kubernetes anything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from moto.s3.models import S3Backend

CLUSTER: Final = "KubernetesCluster"
GROUP: Final = "kops.k8s.io/instancegroup"
ROLE: Final = "k8s.io/role/"
ROLES: Final = {"master": "control-plane", "api-server": "apiserver"}
"""Roles by kOps' tags, where they differ."""
_UP: Final = ("pending", "running")

ReadObject = Callable[[str], bytes | None]
"""From a key of the state store, such as ``a.example.com/config``, to its content; None if there is none."""


@dataclass(frozen=True)
class Sighting:
    """A machine as it was when it was first seen running."""

    instance: Any
    """The emulator's object, which has no types."""
    tags: Mapping[str, str]
    since: datetime
    boot: bytes
    """nodeup's configuration at that time, or the cluster's spec; empty if there was none."""

    @property
    def role(self) -> str:
        """``control-plane``, ``apiserver``, ``node`` or ``bastion``."""
        found = next((key.removeprefix(ROLE) for key in sorted(self.tags) if key.startswith(ROLE)), "node")
        return ROLES.get(found, found)


@dataclass
class Sightings:
    """All machines of clusters that run or start, by id."""

    now: Callable[[], datetime]
    read: ReadObject
    seen: dict[str, Sighting] = field(default_factory=dict)

    def look(self) -> None:
        """Remembers machines that have started since, and forgets those that have ended.

        To be called after each change of the account, so that the times are right.
        """
        up = {each.id: (each, tags) for each, tags in _instances() if each.state in _UP and CLUSTER in tags}
        for gone in self.seen.keys() - up.keys():
            del self.seen[gone]
        for id_ in sorted(up.keys() - self.seen.keys()):
            found = Sighting(up[id_][0], dict(up[id_][1]), self.now(), b"")
            cluster, group = found.tags[CLUSTER], found.tags.get(GROUP, "")
            boot = self.read(f"{cluster}/igconfig/{found.role}/{group}/nodeupconfig.yaml")
            self.seen[id_] = Sighting(
                found.instance, found.tags, found.since, boot or self.read(f"{cluster}/config") or b""
            )


def _instances() -> Iterator[tuple[Any, Mapping[str, str]]]:
    """All instances of the emulator, with their tags."""
    from moto.ec2.models import ec2_backends

    for regions in ec2_backends.values():
        for backend in regions.values():
            for reservation in backend.reservations.values():
                for instance in reservation.instances:
                    yield instance, backend.tags.get(instance.id, {})


def read_from_buckets(key: str) -> bytes | None:
    """An object of the emulator's S3, whichever bucket is the state store."""
    from moto.s3.models import s3_backends

    for partitions in s3_backends.values():
        backend: S3Backend
        for backend in partitions.values():
            for bucket in list(backend.buckets):
                if (found := backend.get_object(bucket, key)) is not None:
                    return bytes(found.value)
    return None
