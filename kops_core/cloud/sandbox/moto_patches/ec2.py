"""Patches of EC2."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable
from hashlib import sha256
from threading import RLock
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json, add, patch, replace

if TYPE_CHECKING:
    from moto.core.responses import ActionResult
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.launch_templates import LaunchTemplate
    from moto.ec2.models.security_groups import SecurityGroupRule
    from moto.ec2.models.subnets import Subnet
    from moto.ec2.models.vpcs import VPC


def protocols_by_number() -> None:
    """A rule for a protocol other than TCP, UDP and ICMP needs no ports; its ports read -1."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def __init__(
            self: SecurityGroupRule,
            ec2_backend: EC2Backend,
            ip_protocol: str,
            group_id: str,
            *rest: Json,
            **options: Json,
        ) -> None:
            ports = [-1 if port is None else port for port in rest[:2]]
            original(self, ec2_backend, ip_protocol, group_id, *ports, *rest[2:], **options)

        return __init__

    patch(SecurityGroupRule, "__init__", make)


def subnet_attributes() -> None:
    """ModifySubnetAttribute sets the kind of host names, their AAAA records and DNS64 too."""
    from moto.ec2.responses.subnets import Subnets

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def modify_subnet_attribute(self: Json) -> ActionResult:
            subnet = self.ec2_backend.get_subnet(self._get_param("SubnetId"))
            names = subnet.private_dns_name_options_on_launch
            if (kind := self._get_param("PrivateDnsHostnameTypeOnLaunch")) is not None:
                names["HostnameType"] = kind
            aaaa = self._get_param("EnableResourceNameDnsAAAARecordOnLaunch.Value")
            if aaaa is not None:
                names["EnableResourceNameDnsAAAARecord"] = aaaa
            if (dns64 := self._get_param("EnableDns64.Value")) is not None:
                subnet.enable_dns64 = dns64
            return original(self)

        return modify_subnet_attribute

    patch(Subnets, "modify_subnet_attribute", make)


def route_tables_of_deleted_subnets() -> None:
    """A route table is free once the subnets that it served are deleted."""
    from moto.ec2.models import EC2Backend

    def make_delete_subnet(original: Callable[..., Subnet]) -> Callable[..., Subnet]:
        def delete_subnet(self: Json, subnet_id: str) -> Subnet:
            subnet = original(self, subnet_id)
            for table in self.route_tables.values():
                for association, associated in list(table._associations.items()):
                    if associated == subnet_id:
                        del table._associations[association]
            return subnet

        return delete_subnet

    patch(EC2Backend, "delete_subnet", make_delete_subnet)


def tags_of_dhcp_options() -> None:
    """CreateDhcpOptions puts the tags of its TagSpecifications on them."""
    from moto.ec2.responses.dhcp_options import DHCPOptions

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def create_dhcp_options(self: Json) -> ActionResult:
            answer = original(self)
            made: Json = answer.result
            made["DhcpOptions"].add_tags(self._parse_tag_specification().get("dhcp-options", {}))
            return answer

        return create_dhcp_options

    patch(DHCPOptions, "create_dhcp_options", make)


def dhcp_options_of_vpcs() -> None:
    """DHCP options outlive the VPC that used them, and are free once no VPC uses them any more."""
    from moto.ec2.models import EC2Backend

    def make_delete_vpc(original: Callable[..., VPC]) -> Callable[..., VPC]:
        def delete_vpc(self: Json, vpc_id: str) -> VPC:
            vpc: Json = self.vpcs.get(vpc_id)
            options = vpc.dhcp_options if vpc else None
            if vpc:
                vpc.dhcp_options = None  # or the emulator deletes them too
            try:
                return original(self, vpc_id)
            except Exception:
                vpc.dhcp_options = options
                raise

        return delete_vpc

    def make_delete_options(original: Callable[..., None]) -> Callable[..., None]:
        def delete_dhcp_options_set(self: Json, options_id: str) -> None:
            options = self.dhcp_options_sets.get(options_id)
            if options:
                options.vpc = next((vpc for vpc in self.vpcs.values() if vpc.dhcp_options is options), None)
            original(self, options_id)

        return delete_dhcp_options_set

    patch(EC2Backend, "delete_vpc", make_delete_vpc)
    patch(EC2Backend, "delete_dhcp_options_set", make_delete_options)


def dependencies_on_what_is_there() -> None:
    """A security group or subnet that a network interface uses can't be deleted, nor can a group
    that another group's rule names, nor a VPC that still has a gateway or a group."""
    from moto.ec2.exceptions import DependencyViolationError
    from moto.ec2.models import EC2Backend

    def refuse(kind: str, name: str) -> None:
        raise DependencyViolationError(f"The {kind} '{name}' has dependencies and cannot be deleted.")

    def make_group(original: Callable[..., None]) -> Callable[..., None]:
        def delete_security_group(self: Json, name: str | None = None, group_id: str | None = None) -> None:
            group = self.get_security_group_by_name_or_id(group_id or name)
            if group is not None:
                used = any(one.id == group.id for eni in self.enis.values() for one in eni.group_set)
                named = any(
                    (rule.source_group or {}).get("GroupId") == group.id
                    for groups in self.groups.values()
                    for other in groups.values()
                    if other.id != group.id
                    for rule in (*other.ingress_rules, *other.egress_rules)
                )
                if used or named:
                    refuse("security group", group.id)
            original(self, name, group_id)

        return delete_security_group

    def make_subnet(original: Callable[..., Subnet]) -> Callable[..., Subnet]:
        def delete_subnet(self: Json, subnet_id: str) -> Subnet:
            if any(eni.subnet.id == subnet_id for eni in self.enis.values()):
                refuse("subnet", subnet_id)
            return original(self, subnet_id)

        return delete_subnet

    def make_vpc(original: Callable[..., VPC]) -> Callable[..., VPC]:
        def delete_vpc(self: Json, vpc_id: str) -> VPC:
            attached = any(
                gateway.vpc and gateway.vpc.id == vpc_id for gateway in self.internet_gateways.values()
            )
            grouped = any(group.name != "default" for group in self.groups.get(vpc_id, {}).values())
            if attached or grouped:
                refuse("vpc", vpc_id)
            return original(self, vpc_id)

        return delete_vpc

    patch(EC2Backend, "delete_security_group", make_group)
    patch(EC2Backend, "delete_subnet", make_subnet)
    patch(EC2Backend, "delete_vpc", make_vpc)


def zones_of_reserved_instances() -> None:
    """DescribeReservedInstancesOfferings lists the zones that offer the instance type asked for."""
    from moto.core.responses import ActionResult
    from moto.ec2.responses.reserved_instances import ReservedInstances

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def describe_reserved_instances_offerings(self: Json) -> ActionResult:
            kind = self._get_param("InstanceType")
            if not kind:
                return original(self)
            offered = self.ec2_backend.describe_instance_type_offerings(
                location_type="availability-zone", filters={"instance-type": [kind]}
            )
            offerings = [
                {
                    "ReservedInstancesOfferingId": f"{offer['Location']}-{kind}",
                    "InstanceType": kind,
                    "AvailabilityZone": offer["Location"],
                    "ProductDescription": self._get_param("ProductDescription") or "Linux/UNIX",
                    "InstanceTenancy": "default",
                    "OfferingClass": "standard",
                    "OfferingType": self._get_param("OfferingType") or "No Upfront",
                    "Duration": 31536000,
                }
                for offer in offered
            ]
            return ActionResult({"ReservedInstancesOfferings": offerings})

        return describe_reserved_instances_offerings

    patch(ReservedInstances, "describe_reserved_instances_offerings", make)


def repeated_requests() -> None:
    """A request that creates, sent again with its client token, answers what it answered first.

    The same token with other parameters is an IdempotentParameterMismatch.
    """
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.responses import EC2Response

    answers: dict[tuple[str, str, str], tuple[Json, Json]] = {}
    one_at_a_time = RLock()

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create(self: Json) -> Json:
            token = self._get_param("ClientToken")
            if not token:
                return original(self)
            key = (self.region, original.__name__, token)
            request = repr(sorted(self.params.items()))
            # The same request may come twice at once, from an attempt and its repetition.
            with one_at_a_time:
                if key not in answers:
                    answers[key] = (request, original(self))
                first, answer = answers[key]
            if first != request:
                raise EC2ClientError(
                    "IdempotentParameterMismatch", f"other parameters for the client token {token}"
                )
            return answer

        return create

    for name in (
        "create_egress_only_internet_gateway",
        "create_launch_template",
        "create_launch_template_version",
        "create_nat_gateway",
        "create_network_interface",
        "create_route_table",
        "create_volume",
        "run_instances",
    ):
        patch(EC2Response, name, make)


def tags_of_new_dhcp_options() -> None:
    """CreateDhcpOptions sets the tags in its request."""
    from moto.ec2.responses.dhcp_options import DHCPOptions

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def create_dhcp_options(self: Json) -> ActionResult:
            answer: Json = original(self)
            answer.result["DhcpOptions"].add_tags(self._parse_tag_specification().get("dhcp-options", {}))
            return answer  # type: ignore[no-any-return]

        return create_dhcp_options

    patch(DHCPOptions, "create_dhcp_options", make)


def addresses_in_use() -> None:
    """An elastic IP address in use can't be released; a deleted NAT gateway lets its address and its
    interface go."""
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models import EC2Backend

    def make_release(original: Callable[..., None]) -> Callable[..., None]:
        def release_address(self: Json, address: str | None = None, allocation_id: str | None = None) -> None:
            for known in self.addresses:
                if allocation_id and known.allocation_id == allocation_id and known.association_id:
                    raise EC2ClientError("InvalidIPAddress.InUse", f"Address {allocation_id} is in use.")
            original(self, address, allocation_id)

        return release_address

    def make_delete_gateway(original: Callable[..., Json]) -> Callable[..., Json]:
        def delete_nat_gateway(self: Json, nat_gateway_id: str) -> Json:
            if nat_gateway_id not in self.nat_gateways:
                raise EC2ClientError("NatGatewayNotFound", f"NAT gateway {nat_gateway_id} was not found")
            gateway = original(self, nat_gateway_id)
            for known in self.addresses:
                if known.eni is gateway._eni and known.association_id:
                    self.disassociate_address(association_id=known.association_id)
            self.enis.pop(gateway._eni.id, None)
            return gateway

        return delete_nat_gateway

    patch(EC2Backend, "release_address", make_release)
    patch(EC2Backend, "delete_nat_gateway", make_delete_gateway)


def fingerprints_of_ed25519_keys() -> None:
    """The fingerprint of an imported ED25519 key is its SHA-256 in base64."""
    from moto.ec2.models.key_pairs import KeyPairBackend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def import_key_pair(self: Json, key_name: str, public_key_material: bytes, tags: Json) -> Json:
            pair = original(self, key_name, public_key_material, tags)
            if pair.key_type == "ed25519":
                blob = b64decode(public_key_material.split()[1])
                pair.key_fingerprint = b64encode(sha256(blob).digest()).decode()
            return pair

        return import_key_pair

    patch(KeyPairBackend, "import_key_pair", make)


def interfaces_without_ipv4() -> None:
    """A network interface in a subnet without an IPv4 block has an IPv6 address alone, and its
    instance is named after its id."""
    from moto.ec2.models import EC2Backend
    from moto.ec2.models.instances import Instance

    names: Json = Instance.private_dns_name

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_network_interface(
            self: Json, subnet: Json, private_ip_address: Json, *rest: Json, **request: Json
        ) -> Json:
            where = self.get_subnet(subnet) if isinstance(subnet, str) else subnet
            if where.cidr_block:
                return original(self, subnet, private_ip_address, *rest, **request)
            # The emulator treats an IPv6 address as an IPv4 one, and can't name it.
            interface = original(self, subnet, "0.0.0.0", *rest, **request)  # noqa: S104 - no address
            interface.private_ip_address, interface.private_ip_addresses = None, []
            interface.private_dns_name = None
            if not interface.ipv6_addresses:
                interface.ipv6_addresses = [private_ip_address or where.get_available_subnet_ip(interface)]
            return interface

        return create_network_interface

    def private_dns_name(instance: Instance) -> str:
        return names.fget(instance) if instance.private_ip else f"{instance.id}.ec2.internal"

    patch(EC2Backend, "create_network_interface", make)
    replace(Instance, "private_dns_name", property(private_dns_name))


def tags_of_launch_templates() -> None:
    """DescribeLaunchTemplates tells the tags that a template has now, not those that it was created with."""
    from moto.ec2.models.launch_templates import LaunchTemplate

    def tags(self: LaunchTemplate) -> Json:
        return self.get_tags()

    def keep(self: LaunchTemplate, given: Json) -> None:
        """The backend has them already."""

    add(LaunchTemplate, "tags", property(tags, keep))


def blocks_of_subnets() -> None:
    """DescribeSubnets tells the state of a subnet's IPv6 block as a text."""
    from moto.ec2.models.subnets import Subnet

    def associations(subnet: Json) -> list[Json]:
        return [
            {
                "ipv6CidrBlock": each["ipv6CidrBlock"],
                "associationId": each["associationId"],
                "ipv6CidrBlockState": {"state": each["ipv6CidrBlockState"]["State"]},
            }
            for each in subnet.ipv6_cidr_block_associations.values()
        ]

    replace(Subnet, "ipv6_cidr_block_association_set", property(associations))


def addresses_of_subnets_without_ipv4() -> None:
    """A subnet without IPv4 has no such addresses left; not one less than none, unsigned."""
    from moto.ec2.models.subnets import Subnet

    counted: Callable[[Subnet], int] = vars(Subnet)["available_ip_address_count"].fget

    def available_ip_address_count(subnet: Subnet) -> int:
        return 0 if subnet.ipv6_native else counted(subnet)

    replace(Subnet, "available_ip_address_count", property(available_ip_address_count))
