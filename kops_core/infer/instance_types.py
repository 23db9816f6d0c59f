"""Machine types and images, read from facts. Facts: kOps' ``awsup``, EC2's instance types."""

from __future__ import annotations

from collections.abc import Sequence

from kops_core.api.values import Value
from kops_core.errors import FieldError, InvalidSpec
from kops_core.infer.common import strings
from kops_core.infer.images import is_called
from kops_core.infer.reader import Reader

ARCHITECTURES = {"x86_64": "amd64", "arm64": "arm64"}
"""Kubernetes' names of the architectures that kOps supports, by EC2's."""

_NODE_TYPES = ("t3.medium", "c5.large", "c4.large", "t4g.medium")
_BASTION_TYPES = ("t3.micro", "t2.micro", "t4g.micro")
_IN_SOME_ZONES = ("t3.micro",)
"""Skipped if the facts do not list its zones: the next candidate exists in all zones."""


def architecture(c: Reader, machine_type: str) -> str:
    """``amd64`` or ``arm64``: the first architecture of a machine type that kOps supports; amd64 for "".

    Raises MissingFact if the machine type was not looked up, InvalidSpec for another architecture.
    """
    if not machine_type:
        return "amd64"
    offered = strings(c.fact("instanceTypes", machine_type, "architectures"))
    for name in offered:
        if name in ARCHITECTURES:
            return ARCHITECTURES[name]
    offer = " or ".join(offered) or "of unknown architecture"
    raise refused(c, "Unsupported value", "spec.machineType", f"{machine_type} is {offer}: choose another")


def has_gpu(c: Reader, machine_type: str) -> bool:
    """Whether a machine type has GPUs. Raises InvalidSpec for "", MissingFact if it was not looked up."""
    if not machine_type:
        raise refused(c, "Required value", "spec.machineType", "with NVIDIA's runtime on it must be named")
    found = c.fact("instanceTypes", machine_type)
    return isinstance(found, dict) and bool(found.get("gpus"))


def default_type(c: Reader, role: str, image: str, zones: Sequence[str]) -> str:
    """The default machine type of a role: the account's, else the first of kOps' that is available.

    role is ``ControlPlane``, ``APIServer``, ``Node`` or ``Bastion``. Raises InvalidSpec if there is none.
    """
    settled = c.fact_or_none("defaultInstanceTypes")
    if isinstance(settled, dict) and isinstance(settled.get(role), str):
        return str(settled[role])
    arm = image_architecture(c, image) == "arm64"
    for name in _BASTION_TYPES if role == "Bastion" else _NODE_TYPES:
        if name.startswith("t4g") == arm and _is_offered(c, name, zones):
            return name
    where = ", ".join(zones) or "the region"
    raise refused(
        c, "Required value", "spec.machineType", f"no usual machine type is on offer in {where}: set it"
    )


def image_architecture(c: Reader, image: str) -> str:
    """EC2's name of an image's architecture; x86_64 for an image that is not among the facts."""
    for ami in c.fact_keys("images") if image else []:
        found = c.fact("images", ami)
        if isinstance(found, dict) and is_called(ami, found, image):
            return str(found.get("architecture") or "x86_64")
    return "x86_64"


def refused(c: Reader, kind: str, path: str, message: str) -> InvalidSpec:
    """An error at a field of the instance group that is being completed."""
    group = f"InstanceGroup {c.at[1]}" if len(c.at) > 1 and c.at[0] == "instanceGroups" else ""
    return InvalidSpec([FieldError(kind, path, message, source=group)])


def _is_offered(c: Reader, name: str, zones: Sequence[str]) -> bool:
    if name not in c.fact_keys("instanceTypes"):
        return False
    found: Value = c.fact("instanceTypes", name)
    offered = found.get("zones") if isinstance(found, dict) else None
    if offered is None:
        return not zones or name not in _IN_SOME_ZONES
    return set(zones) <= set(strings(offered))
