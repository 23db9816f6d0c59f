"""The table of all behaviours."""

from __future__ import annotations

from kops_core.cloud.sandbox.strict import (
    balancers,
    capacity,
    consistency,
    network,
    policies,
    rates,
    scaling,
    services,
    zones,
)
from kops_core.cloud.sandbox.strict.account import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    *rates.BEHAVIOURS,
    *consistency.BEHAVIOURS,
    *network.BEHAVIOURS,
    *balancers.BEHAVIOURS,
    *scaling.BEHAVIOURS,
    *capacity.BEHAVIOURS,
    *services.BEHAVIOURS,
    *policies.BEHAVIOURS,
    *zones.BEHAVIOURS,
)
"""In the order of ``docs/strict-account.md``."""
