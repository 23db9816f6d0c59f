"""The network plugins other than Calico and Cilium, which have modules of their own."""

from typing import Annotated

from kops_core.api.v1alpha2.calico import CalicoNetworkingSpec, CanalNetworkingSpec
from kops_core.api.v1alpha2.cilium import CiliumNetworkingSpec
from kops_core.api.v1alpha2.etcd import EnvVar
from kops_core.api.v1alpha2.types import UNUSED, Int32, Lost, Model, Nonzero, OneOf, Quantity, about


class ClassicNetworkingSpec(Model):
    """Classic networking; removed from kOps."""


class KubenetNetworkingSpec(Model):
    """Kubenet."""


class ExternalNetworkingSpec(Model):
    """A plugin of your own, with kubenet."""


class CNINetworkingSpec(Model):
    """A CNI plugin of your own."""

    usesSecondaryIP: Nonzero[bool] = about(
        "Whether pods have secondary addresses of the machine's interface."
    )


class KopeioNetworkingSpec(Model):
    """Kopeio."""


class WeaveNetworkingSpec(Model):
    """Weave Net; removed from kOps."""

    mtu: Int32 | None = about("MTU of the pod network's interfaces; chosen by the plugin if unset.")
    connLimit: Int32 | None = about("Most peers a node connects to.")
    noMasqLocal: Int32 | None = about("Whether the client's address is kept for traffic to local endpoints.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    netExtraArgs: Nonzero[str] = about("More arguments for weave.")
    npcMemoryRequest: Quantity | None = about("Memory that the policy controller asks for.")
    npcCPURequest: Quantity | None = about("CPU that the policy controller asks for.")
    npcMemoryLimit: Quantity | None = about("Memory that the policy controller may use at most.")
    npcCPULimit: Quantity | None = about("CPU that the policy controller may use at most.")
    npcExtraArgs: Nonzero[str] = about("More arguments for the policy controller.")
    version: Nonzero[str] = about("Version to run instead of the one kOps picks.")


class FlannelNetworkingSpec(Model):
    """Flannel."""

    backend: Nonzero[Annotated[str, OneOf(("udp", "vxlan"))]] = about("How packets travel between nodes.")
    disableTxChecksumOffloading: Lost[bool] = about(UNUSED)
    iptablesResyncSeconds: Int32 | None = about("Seconds between checks of the iptables rules.")


class KuberouterNetworkingSpec(Model):
    """kube-router."""

    useNFTablesForNetpol: bool | None = about("Whether network policies are nftables rules.")


class RomanaNetworkingSpec(Model):
    """Romana; removed from kOps."""

    daemonServiceIP: Nonzero[str] = about("Address of Romana's service.")
    etcdServiceIP: Nonzero[str] = about("Address of Romana's etcd.")


class AmazonVPCNetworkingSpec(Model):
    """Amazon's VPC plugin."""

    imageName: Nonzero[str] = about("Image of the VPC plugin.")
    initImageName: Nonzero[str] = about("Image of the VPC plugin's init container.")
    networkPolicyAgentImage: Nonzero[str] = about("Image of the network policy agent.")
    env: list[EnvVar] | None = about("Environment of the plugin's container.")


class LyftVPCNetworkingSpec(Model):
    """Lyft's VPC plugin; removed from kOps."""

    subnetTags: dict[str, str] | None = about("Tags of the subnets to use.")


class GCPNetworkingSpec(Model):
    """Alias ranges of GCE."""


class KindnetMasqueradeSpec(Model):
    """Masquerading of kindnet's traffic."""

    enabled: bool | None = about("Whether traffic is masqueraded.")
    nonMasqueradeCIDRs: list[str] | None = about("Ranges that keep the pod's address.")


class KindnetNetworkingSpec(Model):
    """kindnet."""

    version: Nonzero[str] = about("Version to run instead of the one kOps picks.")
    networkPolicies: bool | None = about("Whether network policies are enforced.")
    adminNetworkPolicies: bool | None = about("Whether admin network policies are enforced.")
    baselineAdminNetworkPolicies: bool | None = about("Whether baseline admin network policies are enforced.")
    dnsCaching: bool | None = about("Whether DNS answers are cached on each node.")
    nat64: bool | None = about("Whether IPv6 pods reach IPv4 through NAT64.")
    fastPathThreshold: Int32 | None = about("Packets after which a flow takes the fast path.")
    masquerade: KindnetMasqueradeSpec | None = about("Which traffic leaves with the node's address.")
    logLevel: Int32 | None = about("Verbosity of its log.")


class NetworkingSpec(Model):
    """The network plugin: set exactly one."""

    classic: ClassicNetworkingSpec | None = about("Kubernetes' classic networking; gone.")
    kubenet: KubenetNetworkingSpec | None = about("Routes in the cloud's route table, by the kubelet.")
    external: ExternalNetworkingSpec | None = about("A plugin that you install yourself, with kubenet.")
    cni: CNINetworkingSpec | None = about("A CNI plugin that you install yourself.")
    kopeio: KopeioNetworkingSpec | None = about("Kopeio's layer 3 networking.")
    weave: WeaveNetworkingSpec | None = about("Weave Net; gone.")
    flannel: FlannelNetworkingSpec | None = about("Flannel, an overlay.")
    calico: CalicoNetworkingSpec | None = about("Calico, with network policies.")
    canal: CanalNetworkingSpec | None = about("Flannel with Calico's policies.")
    kuberouter: KuberouterNetworkingSpec | None = about("kube-router, by BGP.")
    romana: RomanaNetworkingSpec | None = about("Romana; gone.")
    amazonvpc: AmazonVPCNetworkingSpec | None = about("Amazon's VPC plugin: pods have addresses of the VPC.")
    cilium: CiliumNetworkingSpec | None = about("Cilium, with eBPF.")
    lyftvpc: LyftVPCNetworkingSpec | None = about("Lyft's VPC plugin; gone.")
    gce: GCPNetworkingSpec | None = about("Alias ranges of GCE.")
    kindnet: KindnetNetworkingSpec | None = about("kindnet, small and simple.")
