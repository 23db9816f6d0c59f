"""Default quotas of an account."""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, StrictAccount, refusal

VPCS, ADDRESSES, INTERNET_GATEWAYS, NAT_GATEWAYS = 5, 5, 5, 5
"""Quotas of a region; for NAT gateways of a zone."""
SUBNETS, LOAD_BALANCERS, GROUPS, ROLES = 200, 50, 500, 1000
"""Subnets of a VPC; load balancers and auto-scaling groups of a region; roles of an account."""


def _quotas(strict: StrictAccount) -> None:
    from moto.autoscaling.models import AutoScalingBackend
    from moto.ec2.models import EC2Backend
    from moto.elbv2.models import ELBv2Backend
    from moto.iam.models import IAMBackend

    def limit(
        owner: type, method: str, code: str, most: int, count: Callable[[Json, tuple[Json, ...]], int]
    ) -> None:
        def make(original: Callable[..., Json]) -> Callable[..., Json]:
            def create(self: Json, *rest: Json, **request: Json) -> Json:
                if count(self, (*rest, *request.values())) >= most:
                    raise refusal(code, f"The maximum number of {most} has been reached")
                return original(self, *rest, **request)

            return create

        strict.patch(owner, method, make)

    limit(EC2Backend, "create_vpc", "VpcLimitExceeded", VPCS, lambda ec2, _: len(ec2.vpcs))
    limit(
        EC2Backend, "allocate_address", "AddressLimitExceeded", ADDRESSES, lambda ec2, _: len(ec2.addresses)
    )
    limit(
        EC2Backend,
        "create_internet_gateway",
        "InternetGatewayLimitExceeded",
        INTERNET_GATEWAYS,
        lambda ec2, _: len(ec2.internet_gateways),
    )
    limit(EC2Backend, "create_nat_gateway", "NatGatewayLimitExceeded", NAT_GATEWAYS, _gateways_beside)
    limit(EC2Backend, "create_subnet", "SubnetLimitExceeded", SUBNETS, _subnets_beside)
    limit(
        ELBv2Backend,
        "create_load_balancer",
        "TooManyLoadBalancers",
        LOAD_BALANCERS,
        lambda elb, _: len(elb.load_balancers),
    )
    limit(
        AutoScalingBackend,
        "create_auto_scaling_group",
        "LimitExceeded",
        GROUPS,
        lambda scaling, _: len(scaling.autoscaling_groups),
    )
    limit(IAMBackend, "create_role", "LimitExceeded", ROLES, lambda iam, _: len(iam.roles))


def _gateways_beside(ec2: Json, values: tuple[Json, ...]) -> int:
    subnet = next(each for each in values if isinstance(each, str) and each.startswith("subnet-"))
    zone = ec2.get_subnet(subnet).availability_zone
    alive = [each for each in ec2.nat_gateways.values() if each.state not in {"deleted", "failed"}]
    return sum(ec2.get_subnet(each.subnet_id).availability_zone == zone for each in alive)


def _subnets_beside(ec2: Json, values: tuple[Json, ...]) -> int:
    vpc = next(each for each in values if isinstance(each, str) and each.startswith("vpc-"))
    return sum(each.vpc_id == vpc for zone in ec2.subnets.values() for each in zone.values())


BEHAVIOURS = (
    Behaviour(
        "quotas",
        "An account has 5 VPCs, elastic IP addresses, internet gateways and NAT gateways of a zone, 200 "
        "subnets of a VPC, 50 load balancers, 500 auto-scaling groups and 1000 roles; one more is "
        "VpcLimitExceeded and the like.",
        "VPC User Guide, ELB User Guide, Auto Scaling User Guide and IAM User Guide, quotas: the defaults",
        _quotas,
    ),
)
