"""VPCs, NAT gateways and interfaces: delays, and refusals meanwhile."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from ipaddress import ip_network
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Request, StrictAccount, refusal

if TYPE_CHECKING:
    from kops_core.cloud.sandbox.strict.account import Failure

ASSOCIATED_AFTER = 20.0
"""Seconds until a block of a VPC is associated; AWS names no time."""
NAT_PENDING, NAT_DELETING = 90.0, 60.0
"""Seconds; AWS documents a few minutes."""


def _blocks_associate(strict: StrictAccount) -> None:
    from moto.ec2.models.vpcs import VPC

    waiting: dict[str, str] = {}

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def associate_vpc_cidr_block(self: Json, cidr_block: Json, *rest: Json, **request: Json) -> Json:
            association = original(self, cidr_block, *rest, **request)
            if len(self._cidr_block_association_set) == 1:
                return association  # the VPC's first block is there with it
            failure, block = strict.fails("VPCBlock"), association["cidr_block"]
            state = association["cidr_block_state"]
            state["state"] = "associating"
            waiting[association["association_id"]] = block
            strict.later(ASSOCIATED_AFTER, lambda: _settle(waiting, association, failure))
            return association

        return associate_vpc_cidr_block

    def make_shown(original: Callable[..., Json]) -> Callable[..., Json]:
        def get_cidr_block_association_set(self: VPC, ipv6: bool = False) -> Json:
            found = [dict(each) for each in original(self, ipv6)]
            for each in found:
                if ipv6 and each["association_id"] in waiting:
                    each["cidr_block"] = ""
            return found

        return get_cidr_block_association_set

    strict.patch(VPC, "associate_vpc_cidr_block", make)
    strict.patch(VPC, "get_cidr_block_association_set", make_shown)
    strict.check(_refuse_subnets_in(waiting))


def _settle(waiting: dict[str, str], association: Json, failure: Failure | None) -> None:
    waiting.pop(association["association_id"], None)
    state = association["cidr_block_state"]
    if state["state"] == "associating":
        state["state"] = "failed" if failure else "associated"
        state["StatusMessage"] = failure.message if failure else None


def _refuse_subnets_in(waiting: dict[str, str]) -> Callable[[Request], None]:
    def refuse(request: Request) -> None:
        if request.service == "ec2" and request.action in {"CreateSubnet", "AssociateSubnetCidrBlock"}:
            for parameter in ("CidrBlock", "Ipv6CidrBlock"):
                wanted = request.parameters.get(parameter)
                if wanted and any(_overlap(wanted, block) for block in waiting.values()):
                    raise refusal("InvalidSubnet.Range", f"The CIDR '{wanted}' is invalid.")

    return refuse


def _overlap(one: str, other: str) -> bool:
    first, second = ip_network(one, strict=False), ip_network(other, strict=False)
    return first.version == second.version and first.overlaps(second)


def _nat_gateways_pend(strict: StrictAccount) -> None:
    from moto.ec2.models import EC2Backend

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_nat_gateway(self: Json, *rest: Json, **request: Json) -> Json:
            gateway = original(self, *rest, **request)
            gateway.state = "pending"
            failure = strict.fails("NatGateway")
            strict.later(NAT_PENDING, lambda: settle(gateway, failure))
            return gateway

        return create_nat_gateway

    def settle(gateway: Json, failure: Failure | None) -> None:
        if gateway.state == "pending":
            gateway.state = "failed" if failure else "available"
            if failure:
                gateway.failure_code, gateway.failure_message = failure.code, failure.message
                _let_address_go(gateway)

    def make_delete(original: Callable[..., Json]) -> Callable[..., Json]:
        def delete_nat_gateway(self: Json, nat_gateway_id: str) -> Json:
            gateway = self.nat_gateways.get(nat_gateway_id)
            if gateway is None or gateway.state in {"deleted", "failed"}:
                return original(self, nat_gateway_id)
            gateway.state = "deleting"
            strict.later(NAT_DELETING, lambda: original(self, nat_gateway_id))
            return gateway

        return delete_nat_gateway

    strict.patch(EC2Backend, "create_nat_gateway", make_create)
    strict.patch(EC2Backend, "delete_nat_gateway", make_delete)


def _let_address_go(gateway: Json) -> None:
    backend = gateway.ec2_backend
    for address in backend.addresses:
        if address.eni is gateway._eni and address.association_id:
            backend.disassociate_address(association_id=address.association_id)
    backend.enis.pop(gateway._eni.id, None)


def _canonical_ranges(strict: StrictAccount) -> None:
    from moto.ec2.models.security_groups import SecurityGroupRule

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def __init__(self: Json, *rest: Json, **request: Json) -> None:
            original(self, *rest, **request)
            for key in ("CidrIp", "CidrIpv6"):
                if (self.ip_range or {}).get(key):
                    self.ip_range[key] = str(ip_network(self.ip_range[key], strict=False))

        return __init__

    strict.patch(SecurityGroupRule, "__init__", make)


def _interfaces_in_use(strict: StrictAccount) -> None:
    from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def delete_network_interface(self: Json) -> Json:
            id_ = self._get_param("NetworkInterfaceId")
            interface = self.ec2_backend.enis.get(id_)
            if interface is not None and (interface.attachment_id or interface.status == "in-use"):
                raise refusal("InvalidParameterValue", f"Network interface '{id_}' is currently in use.")
            return original(self)

        return delete_network_interface

    strict.patch(ElasticNetworkInterfaces, "delete_network_interface", make)


def _documented_filters(strict: StrictAccount) -> None:
    from botocore.session import get_session

    model = get_session().get_service_model("ec2")

    @cache
    def documented(action: str) -> tuple[str, ...]:
        members: Json = getattr(model.operation_model(action).input_shape, "members", {})
        shape = members.get("Filters") or members.get("Filter")
        found = re.findall(r"<code>([^<]+)</code>", shape.documentation) if shape is not None else []
        return tuple(name.partition("<")[0].partition(":")[0] for name in found)

    def refuse(request: Request) -> None:
        if request.service != "ec2" or not request.action.startswith("Describe"):
            return
        for each in request.parameters.get("Filters") or request.parameters.get("Filter") or ():
            known = documented(request.action)
            if known and each["Name"].partition(":")[0] not in known:
                raise refusal("InvalidParameterValue", f"The filter '{each['Name']}' is invalid")

    strict.check(refuse)


BEHAVIOURS = (
    Behaviour(
        "vpc-blocks-associate",
        "An IPv6 or additional CIDR block of a VPC is `associating` for a while, an IPv6 block without its "
        "CIDR, and may end as `failed`; a subnet in it is refused with InvalidSubnet.Range until then.",
        "EC2 API Reference, VpcCidrBlockState; kOps waits in `awstasks/subnet.go` for the IPv6 CIDR",
        _blocks_associate,
    ),
    Behaviour(
        "nat-gateways-pend",
        "A NAT gateway is `pending`, then `available` or `failed` with FailureCode and FailureMessage; a "
        "deleted one is `deleting` and holds its address meanwhile.",
        'EC2 API Reference, NatGateway; VPC user guide, "Troubleshoot NAT gateways"',
        _nat_gateways_pend,
    ),
    Behaviour(
        "canonical-ranges",
        "A range in a security group rule comes back in its canonical form, whatever was written.",
        'EC2 API Reference, AuthorizeSecurityGroupIngress: "we modify it to its canonical form" (CreateVpc, '
        "CreateSubnet); RFC 5952",
        _canonical_ranges,
    ),
    Behaviour(
        "interfaces-in-use",
        "Deleting an attached network interface is refused with InvalidParameterValue, as currently in use.",
        "EC2 API Reference, error codes; amazon-vpc-cni-k8s handles the message when it frees interfaces",
        _interfaces_in_use,
    ),
    Behaviour(
        "documented-filters",
        "A filter that a call does not document is refused with InvalidParameterValue.",
        "botocore's model of EC2, the documentation of each call's Filters "
        "(DescribeEgressOnlyInternetGateways: tags alone)",
        _documented_filters,
    ),
)
