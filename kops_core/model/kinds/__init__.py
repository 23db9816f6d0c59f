"""Every kind of resource, by kOps' name of its task type.

A kind is a frozen dataclass whose fields are declared with ``attr``. What a ``Ref`` to it
may name is listed in its docstring under "Outputs": these are the keys of
``Observed.outputs`` and, for ``id``, ``Observed.id``.
"""

from __future__ import annotations

from kops_core.model.kinds.balancers import (
    AccessLog,
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    SubnetMapping,
    TargetGroup,
)
from kops_core.model.kinds.dns import DNSName, DNSZone
from kops_core.model.kinds.events import SQS, EventBridgeRule, EventBridgeTarget
from kops_core.model.kinds.firewall import SecurityGroup, SecurityGroupRule
from kops_core.model.kinds.groups import (
    GROUP_METRICS,
    WARM_POOL_HOOK,
    WARM_POOL_METRICS,
    AutoscalingGroup,
    AutoscalingLifecycleHook,
    BlockDevice,
    InstanceRequirements,
    LaunchTemplate,
    MetadataOptions,
    MixedInstancesPolicy,
    SSHKey,
    TargetGroupAttachment,
    WarmPool,
)
from kops_core.model.kinds.iam import (
    IAMInstanceProfile,
    IAMInstanceProfileRole,
    IAMOIDCProvider,
    IAMRole,
    IAMRolePolicy,
)
from kops_core.model.kinds.network import (
    VPC,
    DHCPOptions,
    EgressOnlyInternetGateway,
    ElasticIP,
    InternetGateway,
    NatGateway,
    Route,
    RouteTable,
    RouteTableAssociation,
    Subnet,
    VPCAmazonIPv6CIDRBlock,
    VPCCIDRBlock,
    VPCDHCPOptionsAssociation,
)
from kops_core.model.kinds.storage import EBSVolume
from kops_core.model.kinds.store import AddonManifest, BootstrapChannel, Keypair, ManagedFile, Secret
from kops_core.model.resource import Resource

__all__ = [
    "GROUP_METRICS",
    "KINDS",
    "SQS",
    "VPC",
    "WARM_POOL_HOOK",
    "WARM_POOL_METRICS",
    "AccessLog",
    "AddonManifest",
    "AutoscalingGroup",
    "AutoscalingLifecycleHook",
    "BlockDevice",
    "BootstrapChannel",
    "DHCPOptions",
    "DNSName",
    "DNSZone",
    "EBSVolume",
    "EgressOnlyInternetGateway",
    "ElasticIP",
    "EventBridgeRule",
    "EventBridgeTarget",
    "IAMInstanceProfile",
    "IAMInstanceProfileRole",
    "IAMOIDCProvider",
    "IAMRole",
    "IAMRolePolicy",
    "InstanceRequirements",
    "InternetGateway",
    "Keypair",
    "LaunchTemplate",
    "ManagedFile",
    "MetadataOptions",
    "MixedInstancesPolicy",
    "NatGateway",
    "NetworkLoadBalancer",
    "NetworkLoadBalancerListener",
    "Route",
    "RouteTable",
    "RouteTableAssociation",
    "SSHKey",
    "Secret",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "SubnetMapping",
    "TargetGroup",
    "TargetGroupAttachment",
    "VPCAmazonIPv6CIDRBlock",
    "VPCCIDRBlock",
    "VPCDHCPOptionsAssociation",
    "WarmPool",
]

KINDS: dict[str, type[Resource]] = {
    kind.__name__: kind
    for kind in (
        VPC,
        VPCCIDRBlock,
        VPCAmazonIPv6CIDRBlock,
        DHCPOptions,
        VPCDHCPOptionsAssociation,
        Subnet,
        InternetGateway,
        EgressOnlyInternetGateway,
        ElasticIP,
        NatGateway,
        RouteTable,
        RouteTableAssociation,
        Route,
        SecurityGroup,
        SecurityGroupRule,
        NetworkLoadBalancer,
        TargetGroup,
        NetworkLoadBalancerListener,
        DNSZone,
        DNSName,
        IAMRole,
        IAMRolePolicy,
        IAMInstanceProfile,
        IAMInstanceProfileRole,
        IAMOIDCProvider,
        SSHKey,
        EBSVolume,
        LaunchTemplate,
        AutoscalingGroup,
        AutoscalingLifecycleHook,
        TargetGroupAttachment,
        WarmPool,
        SQS,
        EventBridgeRule,
        EventBridgeTarget,
        Keypair,
        Secret,
        ManagedFile,
        AddonManifest,
        BootstrapChannel,
    )
}
"""All kinds by name, in the order that screens list them."""
