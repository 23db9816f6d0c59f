"""Route 53 and VPCs: a private zone can't be associated with a VPC that Route 53 does not find yet."""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

VPC_KNOWN_AFTER = 30.0
"""Seconds until Route 53 finds a VPC; AWS documents no time."""


def _vpcs_are_known_later(strict: StrictAccount) -> None:
    from moto.ec2.models import EC2Backend

    known_at: dict[str, float] = {}

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_vpc(self: Json, *rest: Json, **request: Json) -> Json:
            vpc = original(self, *rest, **request)
            known_at[vpc.id] = strict.now() + VPC_KNOWN_AFTER
            return vpc

        return create_vpc

    def refuse(request: Request) -> None:
        if request.service != "route53" or request.reads:
            return
        for value in request.values():
            if strict.now() < known_at.get(value, 0.0):
                raise refusal("InvalidVPCId", f"The VPC: {value} does not exist")

    strict.patch(EC2Backend, "create_vpc", make)
    strict.check(refuse)


BEHAVIOURS = (
    Behaviour(
        "zones-learn-of-vpcs-later",
        "A private zone is not associated with a VPC that was made a moment ago: InvalidVPCId.",
        "Route 53 API Reference, AssociateVPCWithHostedZone, InvalidVPCId; kOps runs every task again on any "
        "error for ten minutes (`upup/pkg/fi/executor.go`)",
        _vpcs_are_known_later,
    ),
)
