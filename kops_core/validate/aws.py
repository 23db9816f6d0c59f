"""Validation of instance groups against the facts of an AWS account: what EC2 would refuse.

Checks of facts that were not read are left out, as in kOps without a cloud.
"""

from __future__ import annotations

from collections.abc import Iterator

from kops_core.api.values import Tree
from kops_core.infer.common import strings
from kops_core.infer.images import newest
from kops_core.validate.field import Field, Findings
from kops_core.validate.formats import nanoseconds
from kops_core.validate.load_balancer import check_security_groups

_SPOT_MINUTES = ("60", "120", "180", "240", "300", "360")
_INTERRUPTIONS = ("hibernate", "stop", "terminate")
_SPOT_STRATEGIES = (
    "lowest-price",
    "diversified",
    "capacity-optimized",
    "capacity-optimized-prioritized",
    "price-capacity-optimized",
)
_SECOND = 1_000_000_000
_DAY = 86_400 * _SECOND
_HOPS = range(1, 65)


def check_written_image(group: Field, facts: Tree) -> Findings:
    """Checks that the image that the user set exists.

    facts: by kind and key; without images nothing is checked.
    """
    image, images = group.at("spec.image"), facts.get("images")
    if image.text and isinstance(images, dict) and newest(images, image.text) is None:
        yield image.invalid("the region has no such image: write its id, or owner/name")


def check_aws(group: Field, facts: Tree) -> Findings:
    """The errors of a completed instance group. facts: by kind and key (`kops_core.infer.facts`)."""
    spec = group.at("spec")
    yield from check_security_groups(spec.at("additionalSecurityGroups"))
    yield from _architecture(spec, spec.at("machineType"), facts)
    yield from spec.at("spotDurationInMinutes").if_given_in(_SPOT_MINUTES)
    yield from spec.at("instanceInterruptionBehavior").unless_in(_INTERRUPTIONS)
    if spec.at("mixedInstancesPolicy").is_set:
        yield from _mixed_instances(spec, facts)
    metadata = spec.at("instanceMetadata")
    yield from metadata.at("httpTokens").unless_in(("optional", "required"))
    hops = metadata.at("httpPutResponseHopLimit")
    if hops.number is not None and hops.number not in _HOPS:
        yield hops.invalid("it must be from 1 to 64")
    yield from spec.at("cpuCredits").unless_in(("standard", "unlimited"))
    lifetime = spec.at("maxInstanceLifetime")
    length = nanoseconds(lifetime) or 0
    if abs(length) >= _SECOND and length < _DAY:
        yield lifetime.invalid("it must be 0 or at least 24h")


def _architecture(spec: Field, machine_types: Field, facts: Tree) -> Findings:
    """Checks that machine types (joined by commas in the spec) exist and run the group's image."""
    image = newest(facts.get("images"), spec.at("image").text)
    for name, offered in _machine_types(machine_types.text, facts):
        if offered is None:
            yield machine_types.invalid(f"the region has no machine type {name}: choose another")
            continue
        known = strings(offered.get("architectures"))
        if image is not None and image[1].get("architecture") not in known:
            yield machine_types.invalid(
                f"{name} is {', '.join(known)}, the image {image[1].get('architecture')}: change one of them"
            )


def _mixed_instances(spec: Field, facts: Tree) -> Findings:
    policy = spec.at("mixedInstancesPolicy")
    if not spec.at("machineType").text and isinstance(facts.get("instanceTypes"), dict):
        yield spec.at("machineType").invalid("name the first of the policy's machine types here too")
        return
    main = [has_gpu(offered) for _, offered in _machine_types(spec.at("machineType").text, facts) if offered]
    for machine_types in policy.at("instances").items:
        yield from _architecture(spec, machine_types, facts)
        for _, offered in _machine_types(machine_types.text, facts):
            if offered is not None and main and has_gpu(offered) != main[0]:
                yield machine_types.forbidden(
                    "machine types with and without GPU can't be in one group: split it"
                )
    base, above = policy.at("onDemandBase"), policy.at("onDemandAboveBase")
    if base.number is not None:
        if base.number < 0:
            yield base.invalid("it can't be negative")
        if base.number > (spec.at("maxSize").number or 0):
            yield base.invalid("it can't be more than maxSize")
    if above.number is not None and not 0 <= above.number <= 100:
        yield above.invalid("it is a percentage, from 0 to 100")
    yield from policy.at("spotAllocationStrategy").unless_in(_SPOT_STRATEGIES)


def has_gpu(machine_type: Tree) -> bool:
    """Whether a machine type has graphics processors."""
    return bool(machine_type.get("gpus"))


def _machine_types(names: str, facts: Tree) -> Iterator[tuple[str, Tree | None]]:
    """Each named machine type with its facts, None if there is none; empty if no types were read."""
    known = facts.get("instanceTypes")
    if not isinstance(known, dict) or not names:
        return
    for name in names.split(","):
        found = known.get(name)
        yield name, found if isinstance(found, dict) else None
