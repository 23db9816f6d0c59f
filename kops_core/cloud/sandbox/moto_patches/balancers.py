"""Patches of load balancers: their network interfaces."""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.patching import Json, patch


def bring_interfaces(backend: Json, balancer: Json) -> None:
    """Creates and deletes interfaces of a balancer to match its subnets."""
    ec2: Json = backend.ec2_backend
    kind = {"network": "net", "application": "app", "gateway": "gwy"}[balancer.type]
    description = f"ELB {kind}/{balancer.name}/{balancer.arn.rpartition('/')[2]}"
    there = {each.subnet.id: each for each in ec2.enis.values() if each.description == description}
    wanted = {subnet.id for subnet in balancer.subnets}
    for subnet in balancer.subnets:
        if subnet.id not in there:
            made: Json = ec2.create_network_interface(subnet, "", description=description)
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
            bring_interfaces(self, balancer)
            return balancer

        return create_load_balancer

    def make_set(original: Callable[..., Json]) -> Callable[..., Json]:
        def set_subnets(self: Json, arn: str, *rest: Json, **request: Json) -> Json:
            zones = original(self, arn, *rest, **request)
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
