"""Patches of load balancers: their network interfaces and addresses."""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.patching import Json, patch, replace


def bring_interfaces(backend: Json, balancer: Json) -> None:
    """Creates and deletes interfaces of a balancer to match its subnets."""
    ec2: Json = backend.ec2_backend
    kind = {"network": "net", "application": "app", "gateway": "gwy"}[balancer.type]
    description = f"ELB {kind}/{balancer.name}/{balancer.arn.rpartition('/')[2]}"
    there = {each.subnet.id: each for each in ec2.enis.values() if each.description == description}
    wanted = {subnet.id for subnet in balancer.subnets}
    for subnet in balancer.subnets:
        if subnet.id not in there:
            private = "".join(each.get("PrivateIPv4Address", "") for each in _addresses(balancer, subnet.id))
            made: Json = ec2.create_network_interface(subnet, private, description=description)
            made.requester_managed, made.interface_type = True, f"{balancer.type}_load_balancer"
            made.status = "in-use"
    for id_, interface in there.items():
        if id_ not in wanted:
            ec2.enis.pop(interface.id)


def interfaces_of_load_balancers() -> None:
    """A network load balancer has one interface in each of its subnets, described ``ELB net/<name>/<id>``;
    they go with it."""
    from moto.elbv2.models import ELBv2Backend

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_load_balancer(self: Json, **request: Json) -> Json:
            balancer = original(self, **request)
            _remember(balancer, request.get("subnet_mappings"))
            bring_interfaces(self, balancer)
            return balancer

        return create_load_balancer

    def make_set(original: Callable[..., Json]) -> Callable[..., Json]:
        def set_subnets(self: Json, arn: str, subnets: Json, subnet_mappings: Json) -> Json:
            zones = original(self, arn, subnets, subnet_mappings)
            _remember(self.load_balancers[arn], subnet_mappings)
            bring_interfaces(self, self.load_balancers[arn])
            return zones

        return set_subnets

    def make_delete(original: Callable[..., None]) -> Callable[..., None]:
        def delete_load_balancer(self: Json, arn: str) -> None:
            balancer = self.load_balancers.get(arn)
            if balancer is not None:
                balancer.subnets = []
                bring_interfaces(self, balancer)
            original(self, arn)

        return delete_load_balancer

    patch(ELBv2Backend, "create_load_balancer", make_create)
    patch(ELBv2Backend, "set_subnets", make_set)
    patch(ELBv2Backend, "delete_load_balancer", make_delete)


def addresses_of_load_balancers() -> None:
    """A balancer is described with the addresses that it was given: Elastic IPs, or private ones."""
    from moto.elbv2.models import AvailabilityZone, FakeLoadBalancer

    def zones(self: Json) -> list[Json]:
        found: list[Json] = [AvailabilityZone(subnet) for subnet in self.subnets]
        for zone in found:
            zone.load_balancer_addresses = _addresses(self, zone.subnet_id)
        return found

    replace(FakeLoadBalancer, "availability_zones", property(zones))


def _remember(balancer: Json, mappings: Json) -> None:
    kept = ("AllocationId", "PrivateIPv4Address")
    balancer.given_addresses = {
        each["SubnetId"]: {name: each[name] for name in kept if name in each} for each in mappings or ()
    }


def _addresses(balancer: Json, subnet: str) -> list[Json]:
    given: Json = getattr(balancer, "given_addresses", {}).get(subnet)
    return [given] if given else []
