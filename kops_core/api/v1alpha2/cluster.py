"""cluster"""

from typing import Literal

from kops_core.api.v1alpha2.access import (
    APISpec,
    AuthenticationSpec,
    AuthorizationSpec,
    NodeAuthorizationSpec,
)
from kops_core.api.v1alpha2.addons import (
    AddonSpec,
    CertManagerConfig,
    KarpenterConfig,
    LoadBalancerControllerSpec,
    MetricsServerConfig,
    NodeProblemDetectorConfig,
    PodIdentityWebhookSpec,
    SnapshotControllerConfig,
)
from kops_core.api.v1alpha2.apiserver import KubeAPIServerConfig
from kops_core.api.v1alpha2.autoscaling import (
    ClusterAutoscalerConfig,
    NodeTerminationHandlerSpec,
    RollingUpdate,
    WarmPoolSpec,
)
from kops_core.api.v1alpha2.cloud import CloudConfiguration
from kops_core.api.v1alpha2.containerd import ContainerdConfig
from kops_core.api.v1alpha2.controllers import (
    CloudControllerManagerConfig,
    KubeControllerManagerConfig,
    KubeSchedulerConfig,
)
from kops_core.api.v1alpha2.dns import (
    DNSControllerGossipConfig,
    ExternalDNSConfig,
    GossipConfig,
    KubeDNSConfig,
)
from kops_core.api.v1alpha2.docker import DockerConfig
from kops_core.api.v1alpha2.etcd import EtcdClusterSpec
from kops_core.api.v1alpha2.iam import IAMSpec, ServiceAccountIssuerDiscoveryConfig
from kops_core.api.v1alpha2.kubelet import KubeletConfigSpec
from kops_core.api.v1alpha2.kubeproxy import KubeProxyConfig
from kops_core.api.v1alpha2.machine import AssetsSpec, FileAssetSpec, HookSpec, NTPConfig, TargetSpec
from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.networking import NetworkingSpec
from kops_core.api.v1alpha2.subnets import ClusterSubnetSpec, EgressProxySpec, TopologySpec
from kops_core.api.v1alpha2.types import UNUSED, Always, Lost, Model, Nonzero, about


class ClusterSpec(Model):
    """ClusterSpec."""

    channel: Nonzero[str] = about("")
    addons: list[AddonSpec] | None = about("")
    configBase: Nonzero[str] = about("")
    cloudProvider: Nonzero[str] = about("")
    gossipConfig: GossipConfig | None = about("")
    containerRuntime: Nonzero[str] = about("")
    kubernetesVersion: Nonzero[str] = about("")
    subnets: list[ClusterSubnetSpec] | None = about("")
    project: Nonzero[str] = about("")
    masterPublicName: Nonzero[str] = about("")
    masterInternalName: Lost[str] = about(UNUSED)
    networkCIDR: Nonzero[str] = about("")
    additionalNetworkCIDRs: list[str] | None = about("")
    networkID: Nonzero[str] = about("")
    topology: TopologySpec | None = about("")
    secretStore: Nonzero[str] = about("")
    keyStore: Nonzero[str] = about("")
    configStore: Lost[str] = about(UNUSED)
    dnsZone: Nonzero[str] = about("")
    dnsControllerGossipConfig: DNSControllerGossipConfig | None = about("")
    additionalSans: list[str] | None = about("")
    clusterDNSDomain: Nonzero[str] = about("")
    serviceClusterIPRange: Nonzero[str] = about("")
    podCIDR: Nonzero[str] = about("")
    nonMasqueradeCIDR: Nonzero[str] = about("")
    sshAccess: list[str] | None = about("")
    nodePortAccess: list[str] | None = about("")
    egressProxy: EgressProxySpec | None = about("")
    sshKeyName: str | None = about("")
    kubernetesApiAccess: list[str] | None = about("")
    isolateMasters: bool | None = about("")
    updatePolicy: str | None = about("")
    externalPolicies: dict[str, list[str]] | None = about("")
    additionalPolicies: dict[str, str] | None = about("")
    fileAssets: list[FileAssetSpec] | None = about("")
    etcdClusters: list[EtcdClusterSpec] | None = about("")
    docker: DockerConfig | None = about("")
    containerd: ContainerdConfig | None = about("")
    kubeDNS: KubeDNSConfig | None = about("")
    kubeAPIServer: KubeAPIServerConfig | None = about("")
    kubeControllerManager: KubeControllerManagerConfig | None = about("")
    cloudControllerManager: CloudControllerManagerConfig | None = about("")
    kubeScheduler: KubeSchedulerConfig | None = about("")
    kubeProxy: KubeProxyConfig | None = about("")
    kubelet: KubeletConfigSpec | None = about("")
    masterKubelet: KubeletConfigSpec | None = about("")
    cloudConfig: CloudConfiguration | None = about("")
    externalDns: ExternalDNSConfig | None = about("")
    ntp: NTPConfig | None = about("")
    packages: list[str] | None = about("")
    nodeTerminationHandler: NodeTerminationHandlerSpec | None = about("")
    nodeProblemDetector: NodeProblemDetectorConfig | None = about("")
    metricsServer: MetricsServerConfig | None = about("")
    certManager: CertManagerConfig | None = about("")
    awsLoadBalancerController: LoadBalancerControllerSpec | None = about("")
    networking: NetworkingSpec | None = about("")
    api: APISpec | None = about("")
    authentication: AuthenticationSpec | None = about("")
    authorization: AuthorizationSpec | None = about("")
    nodeAuthorization: NodeAuthorizationSpec | None = about("")
    cloudLabels: dict[str, str] | None = about("")
    hooks: list[HookSpec] | None = about("")
    assets: AssetsSpec | None = about("")
    iam: IAMSpec | None = about("")
    encryptionConfig: bool | None = about("")
    DisableSubnetTags: bool | None = about("")
    target: TargetSpec | None = about("")
    useHostCertificates: bool | None = about("")
    sysctlParameters: list[str] | None = about("")
    rollingUpdate: RollingUpdate | None = about("")
    clusterAutoscaler: ClusterAutoscalerConfig | None = about("")
    warmPool: WarmPoolSpec | None = about("")
    serviceAccountIssuerDiscovery: ServiceAccountIssuerDiscoveryConfig | None = about("")
    snapshotController: SnapshotControllerConfig | None = about("")
    karpenter: KarpenterConfig | None = about("")
    podIdentityWebhook: PodIdentityWebhookSpec | None = about("")


class Cluster(Model):
    """Cluster."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Cluster"]
    metadata: Always[ObjectMeta] = about("")
    spec: Always[ClusterSpec] = about("")
