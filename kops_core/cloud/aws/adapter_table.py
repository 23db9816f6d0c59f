"""The adapters of all kinds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kops_core.cloud.aws.adapter import Adapter
from kops_core.cloud.aws.adapters import (
    balancers,
    dns,
    events,
    firewall,
    gateways,
    group_parts,
    groups,
    iam,
    network,
    routes,
    storage,
    store,
    subnets,
    target_groups,
    templates,
)

_AREAS = (
    network,
    subnets,
    gateways,
    routes,
    firewall,
    balancers,
    target_groups,
    dns,
    iam,
    templates,
    storage,
    groups,
    group_parts,
    events,
    store,
)

ADAPTERS: Mapping[str, Adapter[Any]] = {
    adapter.kind.__name__: adapter for area in _AREAS for adapter in area.ADAPTERS
}
"""All adapters by the name of the kind."""
