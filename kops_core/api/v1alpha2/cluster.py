"""The Cluster kind."""

from typing import Annotated, Literal

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
from kops_core.api.v1alpha2.types import UNUSED, Always, Lost, Model, Nonzero, OneOf, about


class ClusterSpec(Model):
    """Desired state of the cluster."""

    channel: Nonzero[str] = about("Channel of recommended versions and images.")
    addons: list[AddonSpec] | None = about("Add-ons of your own.")
    configBase: Nonzero[str] = about("Where the cluster's configuration is kept.")
    cloudProvider: Nonzero[
        Annotated[
            str, OneOf(("aws", "azure", "digitalocean", "gce", "hetzner", "linode", "openstack", "scaleway"))
        ]
    ] = about("The cloud.")
    gossipConfig: GossipConfig | None = about("Gossip DNS; gone.")
    containerRuntime: Nonzero[str] = about("Container runtime; only containerd is left.")
    kubernetesVersion: Nonzero[str] = about("Version of Kubernetes.")
    subnets: list[ClusterSubnetSpec] | None = about("Subnets of the cluster.")
    project: Nonzero[str] = about("GCE project.")
    masterPublicName: Nonzero[str] = about("DNS name of the API.")
    masterInternalName: Lost[str] = about(UNUSED)
    networkCIDR: Nonzero[str] = about("Range of the VPC.")
    additionalNetworkCIDRs: list[str] | None = about("Further ranges of the VPC.")
    networkID: Nonzero[str] = about("Id of an existing VPC to use.")
    topology: TopologySpec | None = about("DNS and bastion.")
    secretStore: Nonzero[str] = about("Where secrets are kept.")
    keyStore: Nonzero[str] = about("Where keys are kept.")
    configStore: Lost[str] = about(UNUSED)
    dnsZone: Nonzero[str] = about("Hosted zone for the cluster's names, by name or id.")
    dnsControllerGossipConfig: DNSControllerGossipConfig | None = about("Gossip of dns-controller; gone.")
    additionalSans: list[str] | None = about("More names in the API's certificate.")
    clusterDNSDomain: Nonzero[str] = about("DNS domain inside the cluster.")
    serviceClusterIPRange: Nonzero[str] = about("Range of service addresses.")
    podCIDR: Nonzero[str] = about("Range of pod addresses.")
    nonMasqueradeCIDR: Nonzero[str] = about("Range of all addresses inside the cluster.")
    sshAccess: list[str] | None = about("Ranges that may reach machines by SSH.")
    nodePortAccess: list[str] | None = about("Ranges that may reach node ports.")
    egressProxy: EgressProxySpec | None = about("Proxy by which machines reach the internet.")
    sshKeyName: str | None = about("Name of an existing key pair in the cloud.")
    kubernetesApiAccess: list[str] | None = about("Ranges that may reach the API.")
    isolateMasters: bool | None = about("Whether the control plane is off the pod network.")
    updatePolicy: Annotated[str, OneOf(("automatic", "external"))] | None = about(
        "Whether machines install operating system updates by themselves."
    )
    externalPolicies: dict[str, list[str]] | None = about("ARNs of policies to attach to roles, by role.")
    additionalPolicies: dict[str, str] | None = about("Policies as JSON to add to roles, by role.")
    fileAssets: list[FileAssetSpec] | None = about("Files to place on machines.")
    etcdClusters: list[EtcdClusterSpec] | None = about("etcd clusters: main, events, and others.")
    docker: DockerConfig | None = about("Docker; gone.")
    containerd: ContainerdConfig | None = about("Container runtime.")
    kubeDNS: KubeDNSConfig | None = about("The cluster's DNS.")
    kubeAPIServer: KubeAPIServerConfig | None = about("API server.")
    kubeControllerManager: KubeControllerManagerConfig | None = about("Controller manager.")
    cloudControllerManager: CloudControllerManagerConfig | None = about("Cloud controller manager.")
    kubeScheduler: KubeSchedulerConfig | None = about("Scheduler.")
    kubeProxy: KubeProxyConfig | None = about("kube-proxy.")
    kubelet: KubeletConfigSpec | None = about("Kubelet of nodes.")
    masterKubelet: KubeletConfigSpec | None = about("Kubelet of the control plane.")
    cloudConfig: CloudConfiguration | None = about("Settings of the cloud.")
    externalDns: ExternalDNSConfig | None = about("What writes DNS records.")
    ntp: NTPConfig | None = about("Time service.")
    packages: list[str] | None = about("Packages to install on machines.")
    nodeTerminationHandler: NodeTerminationHandlerSpec | None = about(
        "Drains machines that are to go; AWS only."
    )
    nodeProblemDetector: NodeProblemDetectorConfig | None = about("Reports sick nodes.")
    metricsServer: MetricsServerConfig | None = about("For kubectl top and autoscaling.")
    certManager: CertManagerConfig | None = about("cert-manager.")
    awsLoadBalancerController: LoadBalancerControllerSpec | None = about("AWS load balancer controller.")
    networking: NetworkingSpec | None = about("The network plugin.")
    api: APISpec | None = about("How the API is reached.")
    authentication: AuthenticationSpec | None = about("How users prove who they are.")
    authorization: AuthorizationSpec | None = about("What users may do.")
    nodeAuthorization: NodeAuthorizationSpec | None = about("Authorization of nodes; gone.")
    cloudLabels: dict[str, str] | None = about("Tags for the cloud resources.")
    hooks: list[HookSpec] | None = about("Units or containers to run on machines.")
    assets: AssetsSpec | None = about("Other places for images and files.")
    iam: IAMSpec | None = about("The machines' rights in the cloud.")
    encryptionConfig: bool | None = about("Whether secrets are encrypted in etcd.")
    DisableSubnetTags: bool | None = about("Whether subnets are not tagged.")
    target: TargetSpec | None = about("Settings for targets.")
    useHostCertificates: bool | None = about("Whether containers use the machine's CA certificates.")
    sysctlParameters: list[str] | None = about("Kernel parameters as name=value.")
    rollingUpdate: RollingUpdate | None = about("How many machines a rolling update may take at once.")
    clusterAutoscaler: ClusterAutoscalerConfig | None = about("Sizes instance groups.")
    warmPool: WarmPoolSpec | None = about("Stopped machines kept ready to start; AWS only.")
    serviceAccountIssuerDiscovery: ServiceAccountIssuerDiscoveryConfig | None = about(
        "Where others find the keys of service account tokens."
    )
    snapshotController: SnapshotControllerConfig | None = about("Snapshots of volumes.")
    karpenter: KarpenterConfig | None = about("Starts machines as pods need them.")
    podIdentityWebhook: PodIdentityWebhookSpec | None = about("Gives pods IAM roles.")


class Cluster(Model):
    """A cluster."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["Cluster"]
    metadata: Always[ObjectMeta] = about("Name and labels of the object.")
    spec: Always[ClusterSpec] = about("What the cluster is to be.")
