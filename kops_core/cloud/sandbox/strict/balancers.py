"""Network load balancers: provisioning, and delayed interfaces."""

from __future__ import annotations

from collections.abc import Callable

from kops_core.cloud.sandbox.moto_patches.balancers import bring_interfaces
from kops_core.cloud.sandbox.moto_patches.patching import Json
from kops_core.cloud.sandbox.strict.account import Behaviour, Failure, StrictAccount

PROVISIONING, FIRST_INTERFACE, ALL_INTERFACES, LINGERING = 120.0, 60.0, 150.0, 90.0
"""Seconds. AWS says minutes for provisioning, and that interfaces linger after a balancer is gone."""


def _balancers_provision(strict: StrictAccount) -> None:
    from moto.elbv2.models import ELBv2Backend, FakeLoadBalancer

    def make_create(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_load_balancer(self: Json, **request: Json) -> Json:
            before = set(self.load_balancers)
            balancer = original(self, **request)
            if balancer.arn in before:
                return balancer
            failure, subnets = strict.fails("LoadBalancer"), balancer.subnets
            balancer.settled = False
            _show_in(self, balancer, [])
            strict.later(FIRST_INTERFACE, lambda: _show_in(self, balancer, subnets[:-1]))
            strict.later(PROVISIONING, lambda: settle(balancer, failure))
            strict.later(ALL_INTERFACES, lambda: _show_in(self, balancer, balancer.subnets))
            return balancer

        return create_load_balancer

    def settle(balancer: Json, failure: Failure | None) -> None:
        balancer.settled = True
        balancer.state = "failed" if failure else "active"
        if failure:
            balancer.reason = failure.message

    def make_activate(original: Callable[..., None]) -> Callable[..., None]:
        def activate(self: Json) -> None:
            if getattr(self, "settled", True):
                original(self)

        return activate

    def load_balancer_state(balancer: Json) -> dict[str, str]:
        return {"Code": balancer.state, "Reason": getattr(balancer, "reason", "")}

    strict.replace(FakeLoadBalancer, "load_balancer_state", property(load_balancer_state))
    strict.patch(ELBv2Backend, "create_load_balancer", make_create)
    strict.patch(FakeLoadBalancer, "activate", make_activate)


def _show_in(backend: Json, balancer: Json, subnets: Json) -> None:
    """Creates interfaces in some subnets of a balancer, if it still exists."""
    if balancer.arn in backend.load_balancers:
        whole = balancer.subnets
        balancer.subnets = [each for each in whole if each in subnets]
        bring_interfaces(backend, balancer)
        balancer.subnets = whole


def _interfaces_linger(strict: StrictAccount) -> None:
    from moto.elbv2.models import ELBv2Backend

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def delete_load_balancer(self: Json, arn: str) -> None:
            balancer, enis = self.load_balancers.get(arn), self.ec2_backend.enis
            before = dict(enis)
            original(self, arn)
            for id_ in before.keys() - enis.keys() if balancer else ():
                enis[id_] = before[id_]
                strict.later(LINGERING, lambda id_=id_: enis.pop(id_, None))  # type: ignore[misc]

        return delete_load_balancer

    strict.patch(ELBv2Backend, "delete_load_balancer", make)


BEHAVIOURS = (
    Behaviour(
        "balancers-provision",
        "A load balancer is `provisioning`, then `active` or `failed`; its network interfaces, and with them "
        "its addresses, appear one by one, some after it is active.",
        "ELBv2 API Reference, LoadBalancerState; kOps waits 15 minutes for it in "
        "`awstasks/network_load_balancer.go` where machines are told its addresses",
        _balancers_provision,
    ),
    Behaviour(
        "balancer-interfaces-linger",
        "The interfaces of a deleted load balancer hold on to subnets and security groups for a while.",
        'ELB user guide, "Delete a Network Load Balancer"; kOps tries deletions again on DependencyViolation',
        _interfaces_linger,
    ),
)
