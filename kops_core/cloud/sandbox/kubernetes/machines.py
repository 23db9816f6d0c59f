"""The machines of a cluster, as its account has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

CONTROL_PLANE: Final = "control-plane"


@dataclass(frozen=True)
class Machine:
    """An instance that runs or starts."""

    id: str
    group: str
    """Instance group."""
    role: str
    """``control-plane``, ``apiserver``, ``node`` or ``bastion``."""
    zone: str
    started: datetime
    """When it started, or was started again."""
    version: str = "1.35.0"
    """Kubernetes' version when it started."""
    address: str = "10.0.0.1"
    machine_type: str = "m5.large"
    labels: Mapping[str, str] = field(default_factory=dict)
    """The group's ``nodeLabels``."""
    taints: tuple[str, ...] = ()
    """The group's ``taints``, such as ``dedicated=gpu:NoSchedule``."""


Machines = Callable[[], Sequence[Machine]]
"""Yields the machines that run or start now; those that ended or stopped are not among them."""
