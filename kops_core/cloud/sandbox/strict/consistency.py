"""Eventual consistency: new resources are not found everywhere at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from xml.etree import ElementTree

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

SEEN_BY_EC2, SEEN_BY_OTHERS, SEEN_BY_IAM = 3.0, 8.0, 6.0
"""Seconds. EC2 documents a couple of seconds for most, up to some minutes."""
NOT_FOUND: Mapping[str, str] = {
    "dopt": "InvalidDhcpOptionID.NotFound",
    "eigw": "InvalidGatewayID.NotFound",
    "eipalloc": "InvalidAllocationID.NotFound",
    "igw": "InvalidInternetGatewayID.NotFound",
    "lt": "InvalidLaunchTemplateId.NotFound",
    "nat": "NatGatewayNotFound",
    "rtb": "InvalidRouteTableID.NotFound",
    "sg": "InvalidGroup.NotFound",
    "subnet": "InvalidSubnetID.NotFound",
    "vol": "InvalidVolume.NotFound",
    "vpc": "InvalidVpcID.NotFound",
}
"""Kind of an id -> EC2's error code if it is not found (EC2 API Reference, error codes)."""
EC2_ID = re.compile(rf"\b(?:{'|'.join(NOT_FOUND)})-[0-9a-f]{{8,}}\b")


class _Made:
    """When each id was created, and for which services it is visible."""

    def __init__(self, strict: StrictAccount) -> None:
        self._strict = strict
        self._at: dict[str, float] = {}

    def note(self, id_: str) -> None:
        self._at.setdefault(id_, self._strict.now())

    def young(self, id_: str, within: float) -> bool:
        return id_ in self._at and self._strict.now() < self._at[id_] + within


def _not_found_at_first(strict: StrictAccount) -> None:
    made = _Made(strict)

    def refuse(request: Request) -> None:
        if request.service == "ec2" and not request.action.startswith("Describe"):
            for value in request.values():
                if made.young(value, SEEN_BY_EC2):
                    raise refusal(NOT_FOUND[value.partition("-")[0]], f"The ID '{value}' does not exist")

    def edit(request: Request, body: str) -> str:
        if request.action == "CreateTargetGroup":
            made.note(body.partition("<TargetGroupArn>")[2].partition("</")[0])
        if request.service != "ec2":
            return body
        if request.action.startswith(("Create", "Allocate")):
            for each in set(EC2_ID.findall(body)) - set(request.values()):
                made.note(each)
        return _without_young(made, body) if request.action.startswith("Describe") else body

    strict.check(refuse)
    strict.edit(edit)
    strict.check(_others_know_later(made))


def _without_young(made: _Made, body: str) -> str:
    if not any(made.young(each, SEEN_BY_EC2) for each in EC2_ID.findall(body)):
        return body
    root = ElementTree.fromstring(body)  # noqa: S314 - the emulator's own
    for parent in list(root.iter()):
        for item in [child for child in parent if child.tag.endswith("item")]:
            if any(made.young(value.text or "", SEEN_BY_EC2) for value in item):
                parent.remove(item)
    return ElementTree.tostring(root, encoding="unicode")


def _others_know_later(made: _Made) -> Callable[[Request], None]:
    says = {
        ("elbv2", "subnet"): ("SubnetNotFound", "The subnet ID '{}' does not exist"),
        ("elbv2", "sg"): ("InvalidSecurityGroup", "The security group '{}' does not exist"),
        ("autoscaling", "subnet"): ("ValidationError", "The subnet ID '{}' does not exist"),
        ("autoscaling", "lt"): ("ValidationError", "The specified launch template '{}' does not exist"),
        ("autoscaling", "arn"): ("ValidationError", "Provided Target Groups may not be valid: {}"),
    }

    def refuse(request: Request) -> None:
        if request.reads:
            return
        for value in request.values():
            found = says.get((request.service, re.split("[-:]", value)[0]))
            if found and made.young(value, SEEN_BY_OTHERS):
                raise refusal(found[0], found[1].format(value))

    return refuse


def _names_not_found_at_first(strict: StrictAccount) -> None:
    made = _Made(strict)
    creations = {"CreateRole": "RoleName", "CreateInstanceProfile": "InstanceProfileName"}

    def refuse(request: Request) -> None:
        if request.service != "iam" or request.action in creations:
            return
        for parameter in creations.values():
            name: Json = request.parameters.get(parameter)
            if name and made.young(f"{parameter} {name}", SEEN_BY_IAM):
                raise refusal("NoSuchEntity", f"{name} cannot be found.")

    def edit(request: Request, body: str) -> str:
        parameter = creations.get(request.action) if request.service == "iam" else None
        if parameter:
            made.note(f"{parameter} {request.parameters[parameter]}")
        return body

    strict.check(refuse)
    strict.edit(edit)


BEHAVIOURS = (
    Behaviour(
        "not-found-at-first",
        "What EC2 has just made is refused as not found and left out of lists for some seconds; load "
        "balancing and auto scaling learn of it later still (SubnetNotFound, InvalidSecurityGroup, "
        "ValidationError).",
        'EC2 API Reference, "Eventual consistency"; kOps runs every task again on any error for ten minutes '
        "(`upup/pkg/fi/executor.go`)",
        _not_found_at_first,
    ),
    Behaviour(
        "iam-names-not-found-at-first",
        "A role or instance profile that IAM has just made is NoSuchEntity for some seconds.",
        'IAM User Guide, "Changes that I make are not always immediately visible"',
        _names_not_found_at_first,
    ),
)
