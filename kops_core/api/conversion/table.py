"""Differences in names between v1alpha2 and kOps' internal type (which v1alpha3 shows).

Facts: the types in kOps' pkg/apis/kops and pkg/apis/kops/v1alpha2, and their conversion functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

RENAMED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "ClusterSpec": {"masterKubelet": "controlPlaneKubelet", "externalDns": "externalDNS"},
        "AmazonVPCNetworkingSpec": {"imageName": "image", "initImageName": "initImage"},
        "AzureSpec": {"subscriptionId": "subscriptionID", "tenantId": "tenantID"},
        "BastionSpec": {"bastionPublicName": "publicName"},
        "CanalNetworkingSpec": {"disableFlannelForwardRules": "flanneldIptablesForwardRules"},
        "CiliumNetworkingSpec": {
            "IPTablesRulesNoinstall": "installIptablesRules",
            "disableMasquerade": "masquerade",
            "toFqdnsDnsRejectResponseCode": "toFQDNsDNSRejectResponseCode",
            "toFqdnsEnablePoller": "toFQDNsEnablePoller",
        },
        "EtcdMemberSpec": {"kmsKeyId": "kmsKeyID", "volumeIops": "volumeIOPS"},
        "HookSpec": {"disabled": "enabled"},
        "InstanceGroupSpec": {"associatePublicIp": "associatePublicIP"},
        "KarpenterConfig": {"logEncoding": "logFormat"},
        "KeysetSpec": {"primaryId": "primaryID"},
        "KubeAPIServerConfig": {
            "authorizationRbacSuperUser": "authorizationRBACSuperUser",
            "authorizationWebhookCacheAuthorizedTtl": "authorizationWebhookCacheAuthorizedTTL",
            "authorizationWebhookCacheUnauthorizedTtl": "authorizationWebhookCacheUnauthorizedTTL",
            "etcdCaFile": "etcdCAFile",
        },
        "KubeControllerManagerConfig": {"concurrentRcSyncs": "concurrentRCSyncs"},
        "KubeProxyConfig": {"ipvsExcludeCidrs": "ipvsExcludeCIDRs"},
        "KubeletConfigSpec": {
            "authenticationTokenWebhookCacheTtl": "authenticationTokenWebhookCacheTTL",
            "clientCaFile": "clientCAFile",
        },
        "LoadBalancerAccessSpec": {"useForInternalApi": "useForInternalAPI"},
        "LoadBalancerSpec": {"targetGroupArn": "targetGroupARN"},
        "LoadBalancerSubnetSpec": {"allocationId": "allocationID"},
        "NetworkingSpec": {"amazonvpc": "amazonVPC", "gce": "gcp", "kuberouter": "kubeRouter"},
    }
)
"""Per v1alpha2 type: its names and the internal ones."""

NEGATED: Final = frozenset(
    {
        ("CanalNetworkingSpec", "disableFlannelForwardRules"),
        ("CiliumNetworkingSpec", "IPTablesRulesNoinstall"),
        ("CiliumNetworkingSpec", "disableMasquerade"),
        ("HookSpec", "disabled"),
    }
)
"""The renamed fields with the opposite meaning of the internal one."""

TAG_SUBNETS: Final = ("spec.DisableSubnetTags", "spec.networking.tagSubnets")
"""The one field that is both moved and negated."""

_AWS: Final = (
    "nodeIPFamilies",
    "useIPBasedNodeNames",
    "disableSecurityGroupIngress",
    "elbSecurityGroup",
    "nlbSecurityGroupMode",
    "spotinstProduct",
    "spotinstOrientation",
)
_GCE: Final = ("multizone", "nodeTags", "nodeInstancePrefix")
_NETWORKING: Final = (
    "subnets",
    "networkCIDR",
    "additionalNetworkCIDRs",
    "networkID",
    "topology",
    "serviceClusterIPRange",
    "podCIDR",
    "nonMasqueradeCIDR",
    "egressProxy",
)
OIDC_FIELDS: Final = MappingProxyType(
    {
        "oidcClientID": "clientID",
        "oidcGroupsClaim": "groupsClaims",
        "oidcGroupsPrefix": "groupsPrefix",
        "oidcIssuerURL": "issuerURL",
        "oidcRequiredClaim": "requiredClaims",
        "oidcUsernameClaim": "usernameClaim",
        "oidcUsernamePrefix": "usernamePrefix",
    }
)
_ROOT_VOLUME: Final = MappingProxyType(
    {
        "rootVolumeEncryption": "encryption",
        "rootVolumeEncryptionKey": "encryptionKey",
        "rootVolumeIops": "iops",
        "rootVolumeOptimization": "optimization",
        "rootVolumeSize": "size",
        "rootVolumeThroughput": "throughput",
        "rootVolumeType": "type",
    }
)

MOVED: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "Cluster": {
            "spec.configBase": "spec.configStore.base",
            "spec.secretStore": "spec.configStore.secrets",
            "spec.keyStore": "spec.configStore.keypairs",
            "spec.masterPublicName": "spec.api.publicName",
            "spec.additionalSans": "spec.api.additionalSANs",
            "spec.kubernetesApiAccess": "spec.api.access",
            **{f"spec.{name}": f"spec.networking.{name}" for name in _NETWORKING},
            "spec.isolateMasters": "spec.networking.isolateControlPlane",
            TAG_SUBNETS[0]: TAG_SUBNETS[1],
            "spec.nodeTerminationHandler": "spec.cloudProvider.aws.nodeTerminationHandler",
            "spec.awsLoadBalancerController": "spec.cloudProvider.aws.loadBalancerController",
            "spec.podIdentityWebhook": "spec.cloudProvider.aws.podIdentityWebhook",
            "spec.warmPool": "spec.cloudProvider.aws.warmPool",
            "spec.cloudConfig.awsEBSCSIDriver": "spec.cloudProvider.aws.ebsCSIDriver",
            **{f"spec.cloudConfig.{name}": f"spec.cloudProvider.aws.{name}" for name in _AWS},
            "spec.project": "spec.cloudProvider.gce.project",
            "spec.cloudConfig.gceServiceAccount": "spec.cloudProvider.gce.serviceAccount",
            "spec.cloudConfig.gceUseStartupScript": "spec.cloudProvider.gce.useStartupScript",
            "spec.cloudConfig.gcpPDCSIDriver": "spec.cloudProvider.gce.pdCSIDriver",
            **{f"spec.cloudConfig.{name}": f"spec.cloudProvider.gce.{name}" for name in _GCE},
            "spec.cloudConfig.azure": "spec.cloudProvider.azure",
            "spec.cloudConfig.openstack": "spec.cloudProvider.openstack",
            **{
                f"spec.kubeAPIServer.{old}": f"spec.authentication.oidc.{new}"
                for old, new in OIDC_FIELDS.items()
            },
        },
        "InstanceGroup": {f"spec.{old}": f"spec.rootVolume.{new}" for old, new in _ROOT_VOLUME.items()},
    }
)
"""Per kind: v1alpha2 paths and the internal paths of the same thing, whole subtrees."""

UNNAMED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ClusterSpec": frozenset({"containerRuntime", "docker"}),
        "KubeletConfigSpec": frozenset({"dockerDisableSharedPID"}),
        "EBSCSIDriverSpec": frozenset({"enabled"}),
    }
)
"""Per type: fields that are stored, but can't be addressed by a path of the internal type."""

HIDDEN_IN_V1ALPHA3: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "ClusterSpec": frozenset({"containerRuntime", "docker", "nodeAuthorization"}),
        "IAMSpec": frozenset({"legacy"}),
        "EtcdClusterSpec": frozenset({"provider", "leaderElectionTimeout", "heartbeatInterval"}),
        "EBSCSIDriverSpec": frozenset({"enabled"}),
        "KubeletConfigSpec": frozenset(
            {
                "apiServers",
                "clientCAFile",
                "requireKubeconfig",
                "hostnameOverride",
                "allowPrivileged",
                "configureCbr0",
                "babysitDaemons",
                "nvidiaGPUs",
                "reconcileCIDR",
                "registerSchedulable",
                "nodeLabels",
                "enableCustomMetrics",
                "experimentalAllowedUnsafeSysctls",
                "dockerDisableSharedPID",
            }
        ),
        "KubeProxyConfig": frozenset({"hostnameOverride", "bindAddress"}),
        "KubeAPIServerConfig": frozenset(
            {
                "etcdCAFile",
                "etcdCertFile",
                "etcdKeyFile",
                "basicAuthFile",
                "tlsCertFile",
                "tlsPrivateKeyFile",
                "allowPrivileged",
                "kubeletClientCertificate",
                "kubeletClientKey",
                "proxyClientCertFile",
                "proxyClientKeyFile",
                "authorizationRBACSuperUser",
                "experimentalEncryptionProviderConfig",
                "requestheaderClientCAFile",
                "etcdQuorumRead",
            }
        ),
        "KubeControllerManagerConfig": frozenset({"serviceAccountPrivateKeyFile", "rootCAFile"}),
        "NetworkingSpec": frozenset({"classic", "romana", "lyftvpc"}),
        "CalicoNetworkingSpec": frozenset({"crossSubnet"}),
    }
)
"""Per type: internal names that v1alpha3 has no field for."""

CLOUD_PROVIDERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "aws": "aws",
        "azure": "azure",
        "digitalocean": "do",
        "gce": "gce",
        "hetzner": "hetzner",
        "linode": "linode",
        "openstack": "openstack",
        "scaleway": "scaleway",
    }
)
"""Values of v1alpha2's ``spec.cloudProvider``, and the key that the internal type has for each."""

ROLES: Final[Mapping[str, str]] = MappingProxyType({"Master": "ControlPlane"})
"""Roles of instance groups and hooks that v1alpha2 spells otherwise."""

POLICY_ROLES: Final[Mapping[str, str]] = MappingProxyType({"master": "control-plane"})
"""Keys of ``additionalPolicies`` and ``externalPolicies`` that v1alpha2 spells otherwise."""
