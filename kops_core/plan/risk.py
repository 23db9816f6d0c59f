"""What changes mean for a running cluster."""

from __future__ import annotations

from collections.abc import Mapping

from kops_core.model.kinds.firewall import SecurityGroupRule
from kops_core.model.kinds.groups import LaunchTemplate
from kops_core.model.names import GROUP_TAG
from kops_core.model.resource import Resource
from kops_core.plan.changes import Action, FieldChange, Risk

CONTROL_PLANE_TAG = "k8s.io/role/control-plane"

_HARMLESS = frozenset({"Keypair", "Secret", "SSHKey", "ManagedFile"})
"""Kinds whose change nobody running sees: machines read them when they boot."""
_API_PATH = frozenset({"DNSName", "NetworkLoadBalancer", "NetworkLoadBalancerListener", "TargetGroup"})
"""Kinds that the way to the API leads through."""
_LIVE_FILES = frozenset({"AddonManifest", "BootstrapChannel"})
_API_PORT = 443


def risk_of(
    action: Action,
    resource: Resource,
    changed: tuple[FieldChange, ...],
    *,
    rolls: tuple[str, ...] = (),
) -> Risk:
    """The worst that an action on a resource can do.

    resource is the desired one, or the observed one for a deletion.
    """
    kind = resource.key.kind
    if action is Action.KEEP:
        return Risk.NONE
    if rolls:
        return Risk.ROLLS_NODES
    if kind in _LIVE_FILES:
        return Risk.LIVE
    if action in (Action.REPLACE, Action.DELETE) and _loss(resource) is not Risk.NONE:
        return _loss(resource)
    if kind == "NetworkLoadBalancer" and any(map(_loses_a_subnet, changed)):
        return Risk.INTERRUPTS_API
    unseen = action is Action.CREATE or kind in _HARMLESS or {each.name for each in changed} <= {"tags"}
    return Risk.NONE if unseen else Risk.LIVE


def _loses_a_subnet(change: FieldChange) -> bool:
    """Whether a balancer leaves a subnet: connections through that zone are cut, its addresses are gone.

    (Elastic Load Balancing, "Update the Availability Zones for your Network Load Balancer".)
    """
    if change.name != "subnet_mappings" or change.before is None or not isinstance(change.after, str):
        return False
    return not set(change.before.splitlines()) <= set(change.after.splitlines())


def _loss(resource: Resource) -> Risk:
    """What goes when a resource goes, even if another takes its place."""
    if resource.key.kind == "EBSVolume":
        return Risk.DELETES_DATA
    if resource.key.kind in _API_PATH or _api_rule(resource):
        return Risk.INTERRUPTS_API
    return Risk.NONE


def _api_rule(resource: Resource) -> bool:
    return isinstance(resource, SecurityGroupRule) and not resource.egress and resource.from_port == _API_PORT


def rolled_groups(action: Action, resource: Resource) -> tuple[str, ...]:
    """Instance groups whose machines have to be replaced for a change to reach them.

    Only a launch template that has machines already rolls any, and any new version of it does.
    """
    if not isinstance(resource, LaunchTemplate) or action not in (Action.UPDATE, Action.REPLACE):
        return ()
    tags: Mapping[str, str] = resource.tags or {}
    return (tags[GROUP_TAG],) if GROUP_TAG in tags else ()


def roll_order(resources: Mapping[str, LaunchTemplate]) -> tuple[str, ...]:
    """Instance groups in the order that they are rolled: the control plane first, then by name."""
    return tuple(
        sorted(resources, key=lambda name: (CONTROL_PLANE_TAG not in (resources[name].tags or {}), name))
    )
