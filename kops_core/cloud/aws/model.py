"""AWS' part of the model: kinds, builders, add-ons, and nodeup's settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kops_core.cloud.aws.addons.catalog import CATALOG
from kops_core.cloud.aws.builders import (
    access,
    balancers,
    bastion,
    dns,
    egress,
    etcd,
    events,
    firewall,
    groups,
    iam,
    ssh_key,
)
from kops_core.cloud.aws.builders import network as aws_network
from kops_core.cloud.aws.builders.iam import profile_name
from kops_core.cloud.aws.builders.warm_pool import lifecycle_hook
from kops_core.cloud.aws.resources import KINDS
from kops_core.cloud.aws.resources.balancers import NetworkLoadBalancer
from kops_core.model import addons, discovery, keys
from kops_core.model.addons.addon import Addon
from kops_core.model.addons.catalog import addons as build_addons
from kops_core.model.addons.objects import Object, fields
from kops_core.model.context import CloudModel, Context, Group, Role
from kops_core.model.documents import Document
from kops_core.model.nodes import files, static


def _node_settings(c: Context, group: Group) -> Mapping[str, Document]:
    return {"EnableLifecycleHook": lifecycle_hook(c, group)}


def _api_settings(c: Context) -> Mapping[str, Document]:
    """nodeup's settings for machines that serve the API, with explicit false values."""
    given: dict[str, Document] = {
        "disableSecurityGroupIngress": c.read.boolean("spec.cloudConfig.disableSecurityGroupIngress"),
        "elbSecurityGroup": c.read.string("spec.cloudConfig.elbSecurityGroup"),
        "nlbSecurityGroupMode": c.read.string("spec.cloudConfig.nlbSecurityGroupMode"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _node_identity(c: Context) -> Object:
    return fields(
        nodesRoles=_node_roles(c),
        Region=c.region,
        useIPBasedNodeNames=c.read.boolean("spec.cloudConfig.useIPBasedNodeNames") or None,
    )


def _node_roles(c: Context) -> list[Document]:
    """IAM roles of the machines that may ask for certificates."""
    found: set[str] = set()
    for group in c.groups_of(Role.NODE, Role.API_SERVER):
        name = profile_name(c, group)
        if group.text("iam.profile"):
            roles = c.read.fact("instanceProfiles", name, "roles")
            found.update(str(each) for each in roles if each) if isinstance(roles, list) else None
        else:
            found.add(name)
    return [*sorted(found)]


def _addons(c: Context, without: str) -> Sequence[Addon]:
    return build_addons(CATALOG, c.inference, c.settings, without=without)


AWS = CloudModel(
    name="aws",
    kinds=KINDS,
    builders=(
        aws_network.network,
        egress.egress,
        firewall.firewall,
        access.external_access,
        balancers.api_load_balancer,
        bastion.bastion,
        dns.dns,
        ssh_key.ssh_key,
        keys.keys,
        discovery.documents,
        iam.iam,
        etcd.etcd_volumes,
        groups.groups,
        events.termination_events,
        files.node_files,
        static.manifests,
        addons.manifests,
    ),
    addons=_addons,
    network_kind="VPC",
    subnet_kind="Subnet",
    group_kinds=frozenset({"AutoscalingGroup", "LaunchTemplate"}),
    ephemeral_kinds=frozenset({"EBSVolume", "Instance", "NetworkInterface"}),
    region_variable="AWS_REGION",
    api_balancer_kind=NetworkLoadBalancer.__name__,
    node_settings=_node_settings,
    api_settings=_api_settings,
    node_identity=_node_identity,
)
"""The resources of clusters on AWS."""
