"""The table of all behaviours."""

from __future__ import annotations

from kops_core.cloud.sandbox.strict import (
    balancers,
    capacity,
    consistency,
    limits,
    network,
    policies,
    quotas,
    rates,
    scaling,
    services,
    zones,
)
from kops_core.cloud.sandbox.strict.account import Behaviour

BEHAVIOURS: tuple[Behaviour, ...] = (
    *rates.BEHAVIOURS,
    *limits.BEHAVIOURS,
    *quotas.BEHAVIOURS,
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
