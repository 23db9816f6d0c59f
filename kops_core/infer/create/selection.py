"""Selects machine types by what they have, for ``toolbox instance-selector``.

Facts: kOps' ``toolbox_instance-selector.go`` and the library that it uses, AWS' amazon-ec2-instance-selector.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from kops_core.api.values import Tree, Value, mappings
from kops_core.errors import UsageError
from kops_core.infer.common import strings

Range = tuple[float | None, float | None]
"""The least and the greatest value; None where there is no limit."""
ANY: Final[Range] = (None, None)

_FLEXIBLE: Final = re.compile(r"[cmr][3-9][ag]?\..*|a[1-9]\..*|t[2-9]\..*")
"""Families of general use."""
_SIMILAR: Final = (0.9, 1.2)
"""A similar machine has from nine tenths to twelve tenths of another's processors and memory."""
_ARCHITECTURES: Final = {"amd64": "x86_64"}


@dataclass(frozen=True)
class MachineType:
    """A machine type, as far as it is selected by."""

    name: str
    architectures: tuple[str, ...] = ("x86_64",)
    vcpus: int = 0
    memory_mib: int = 0
    gpus: int = 0
    gpu_memory_mib: int = 0
    interfaces: int = 0
    zones: frozenset[str] | None = None
    """Where it is on offer; None if that is unknown."""
    usage_classes: tuple[str, ...] = ("on-demand", "spot")
    placement: tuple[str, ...] = ()
    """Strategies of placement groups that it can be in."""
    ena: bool = False
    burstable: bool = False
    bare_metal: bool = False
    fpga: bool = False


@dataclass(frozen=True)
class Criteria:
    """What a machine type has to have."""

    vcpus: Range = ANY
    memory_mib: Range = ANY
    gib_per_vcpu: float | None = None
    gpus: Range = ANY
    gpu_memory_mib: Range = ANY
    interfaces: Range = ANY
    architecture: str = "amd64"
    usage_class: str = "on-demand"
    placement: str = ""
    ena: bool | None = None
    burstable: bool | None = None
    bare_metal: bool | None = None
    fpga: bool | None = None
    allow: str = ""
    """Regular expression of the names that may be taken; "" for all."""
    deny: str = ""
    base: str = ""
    """Name of a machine type that the others have to be like; "" for none."""
    flexible: bool = False
    """Whether only machines of general use are taken, of any generation."""
    zones: Sequence[str] = field(default=())
    """Zones in all of which it has to be on offer."""


def select(types: Iterable[MachineType], criteria: Criteria, *, at_most: int) -> list[str]:
    """The names of the machine types that meet all criteria, sorted. Raises UsageError if none does."""
    known = list(types)
    wanted = _spread(_like_base(criteria, known))
    found = sorted(each.name for each in known if _fits(each, wanted))[: max(at_most, 0)]
    if not found:
        raise UsageError("no machine type meets all of this", remedy="ask for less, or for wider ranges")
    return found


def machine_types_of(facts: Value) -> list[MachineType]:
    """The machine types of recorded facts, which do not tell all that may be asked for."""
    return [
        MachineType(
            name=str(each.get("name")),
            architectures=tuple(strings(each.get("architectures"))),
            vcpus=_whole(each, "vcpus"),
            memory_mib=_whole(each, "memoryMiB"),
            gpus=sum(_whole(gpu, "count") for gpu in mappings(each.get("gpus"))),
            interfaces=_whole(each, "maxNetworkInterfaces"),
            zones=frozenset(strings(each.get("zones"))) or None,
        )
        for each in mappings(facts)
    ]


def _like_base(criteria: Criteria, known: Sequence[MachineType]) -> Criteria:
    if not criteria.base:
        return criteria
    base = next((each for each in known if each.name == criteria.base), None)
    if base is None:
        raise UsageError(f"there is no machine type {criteria.base}", where="--base-instance-type")
    least, most = _SIMILAR
    return replace(
        criteria,
        vcpus=_or(criteria.vcpus, (base.vcpus * least, base.vcpus * most)),
        memory_mib=_or(criteria.memory_mib, (base.memory_mib * least, base.memory_mib * most)),
        gpus=_or(criteria.gpus, (base.gpus, base.gpus)),
        bare_metal=base.bare_metal,
        fpga=base.fpga,
    )


def _spread(criteria: Criteria) -> Criteria:
    if not criteria.flexible:
        return criteria
    sized = criteria.vcpus != ANY or criteria.memory_mib != ANY
    return replace(
        criteria,
        vcpus=criteria.vcpus if sized else (4, 4),
        bare_metal=bool(criteria.bare_metal),
        fpga=bool(criteria.fpga),
        allow=criteria.allow or f"^(?:{_FLEXIBLE.pattern})$",
    )


def _or(given: Range, other: Range) -> Range:
    return other if given == ANY else given


def _fits(each: MachineType, wanted: Criteria) -> bool:
    architecture = _ARCHITECTURES.get(wanted.architecture, wanted.architecture)
    ratio = math.ceil(each.memory_mib / (each.vcpus * 1024)) if each.vcpus else 0
    return (
        architecture in each.architectures
        and wanted.usage_class in each.usage_classes
        and all(
            _within(value, limits)
            for value, limits in (
                (each.vcpus, wanted.vcpus),
                (each.memory_mib, wanted.memory_mib),
                (each.gpus, wanted.gpus),
                (each.gpu_memory_mib, wanted.gpu_memory_mib),
                (each.interfaces, wanted.interfaces),
            )
        )
        and wanted.gib_per_vcpu in (None, ratio)
        and wanted.placement in ("", *each.placement)
        and all(
            asked in (None, has)
            for asked, has in (
                (wanted.ena, each.ena),
                (wanted.burstable, each.burstable),
                (wanted.bare_metal, each.bare_metal),
                (wanted.fpga, each.fpga),
            )
        )
        and (not wanted.allow or re.search(wanted.allow, each.name) is not None)
        and not (wanted.deny and re.search(wanted.deny, each.name))
        and (each.zones is None or set(wanted.zones) <= each.zones)
    )


def _within(value: float, limits: Range) -> bool:
    least, most = limits
    return (least is None or value >= least) and (most is None or value <= most)


def _whole(tree: Tree, key: str) -> int:
    found = tree.get(key)
    return found if isinstance(found, int) else 0
