"""Mixed instances policies of groups with several instance types."""

from __future__ import annotations

from math import ceil

from kops_core.api import quantity
from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.resources.groups import InstanceRequirements, MixedInstancesPolicy
from kops_core.model.context import Group


def mixed_instances_policy(group: Group) -> MixedInstancesPolicy | None:
    """The group's policy, or None for a group of one type."""
    spec = group.get("mixedInstancesPolicy")
    if not isinstance(spec, dict):
        return None
    instances = spec.get("instances")
    requirements = spec.get("instanceRequirements")
    return MixedInstancesPolicy(
        instance_types=tuple(map(str, instances)) if isinstance(instances, list) else (),
        instance_requirements=_requirements(requirements) if isinstance(requirements, dict) else None,
        on_demand_allocation_strategy=_string_or_none(spec.get("onDemandAllocationStrategy")),
        on_demand_base_capacity=number(spec.get("onDemandBase")),
        on_demand_percentage_above_base_capacity=number(spec.get("onDemandAboveBase")),
        spot_allocation_strategy=_string_or_none(spec.get("spotAllocationStrategy")),
        spot_instance_pools=number(spec.get("spotInstancePools")),
        spot_max_price=group.text("maxPrice") or "",
    )


def _requirements(spec: Tree) -> InstanceRequirements:
    cpu, memory, excluded = spec.get("cpu"), spec.get("memory"), spec.get("excludedInstanceTypes")
    return InstanceRequirements(
        cpu_min=count(cpu, "min") if isinstance(cpu, dict) else 0,
        cpu_max=count(cpu, "max"),
        memory_min=_megabytes(memory, "min") if isinstance(memory, dict) else 0,
        memory_max=_megabytes(memory, "max"),
        excluded_instance_types=tuple(map(str, excluded)) if isinstance(excluded, list) else (),
    )


def count(limits: Value, name: str) -> int | None:
    """A whole number; kOps ignores fractions."""
    found = limits.get(name) if isinstance(limits, dict) else None
    if found is None:
        return None
    value = quantity.parse(str(found)).value
    return int(value) if value % 1 == 0 else 0


def _megabytes(limits: Value, name: str) -> int | None:
    """Memory in units of 1000000 bytes, rounded up; kOps passes them to AWS, which counts in MiB."""
    found = limits.get(name) if isinstance(limits, dict) else None
    return ceil(quantity.parse(str(found)).value / 1_000_000) if found is not None else None


def _string_or_none(value: Value) -> str | None:
    return value if isinstance(value, str) else None


def number(value: Value) -> int | None:
    """A number of a spec; None for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None
