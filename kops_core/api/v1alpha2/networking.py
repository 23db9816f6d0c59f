"""networking"""

from kops_core.api.v1alpha2.calico import CalicoNetworkingSpec, CanalNetworkingSpec
from kops_core.api.v1alpha2.cilium import CiliumNetworkingSpec
from kops_core.api.v1alpha2.etcd import EnvVar
from kops_core.api.v1alpha2.types import UNUSED, Int32, Lost, Model, Nonzero, Quantity, about


class ClassicNetworkingSpec(Model):
    """ClassicNetworkingSpec."""


class KubenetNetworkingSpec(Model):
    """KubenetNetworkingSpec."""


class ExternalNetworkingSpec(Model):
    """ExternalNetworkingSpec."""


class CNINetworkingSpec(Model):
    """CNINetworkingSpec."""

    usesSecondaryIP: Nonzero[bool] = about("")


class KopeioNetworkingSpec(Model):
    """KopeioNetworkingSpec."""


class WeaveNetworkingSpec(Model):
    """WeaveNetworkingSpec."""

    mtu: Int32 | None = about("")
    connLimit: Int32 | None = about("")
    noMasqLocal: Int32 | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
    cpuLimit: Quantity | None = about("")
    netExtraArgs: Nonzero[str] = about("")
    npcMemoryRequest: Quantity | None = about("")
    npcCPURequest: Quantity | None = about("")
    npcMemoryLimit: Quantity | None = about("")
    npcCPULimit: Quantity | None = about("")
    npcExtraArgs: Nonzero[str] = about("")
    version: Nonzero[str] = about("")


class FlannelNetworkingSpec(Model):
    """FlannelNetworkingSpec."""

    backend: Nonzero[str] = about("")
    disableTxChecksumOffloading: Lost[bool] = about(UNUSED)
    iptablesResyncSeconds: Int32 | None = about("")


class KuberouterNetworkingSpec(Model):
    """KuberouterNetworkingSpec."""

    useNFTablesForNetpol: bool | None = about("")


class RomanaNetworkingSpec(Model):
    """RomanaNetworkingSpec."""

    daemonServiceIP: Nonzero[str] = about("")
    etcdServiceIP: Nonzero[str] = about("")


class AmazonVPCNetworkingSpec(Model):
    """AmazonVPCNetworkingSpec."""

    imageName: Nonzero[str] = about("")
    initImageName: Nonzero[str] = about("")
    networkPolicyAgentImage: Nonzero[str] = about("")
    env: list[EnvVar] | None = about("")


class LyftVPCNetworkingSpec(Model):
    """LyftVPCNetworkingSpec."""

    subnetTags: dict[str, str] | None = about("")


class GCPNetworkingSpec(Model):
    """GCPNetworkingSpec."""


class KindnetMasqueradeSpec(Model):
    """KindnetMasqueradeSpec."""

    enabled: bool | None = about("")
    nonMasqueradeCIDRs: list[str] | None = about("")


class KindnetNetworkingSpec(Model):
    """KindnetNetworkingSpec."""

    version: Nonzero[str] = about("")
    networkPolicies: bool | None = about("")
    adminNetworkPolicies: bool | None = about("")
    baselineAdminNetworkPolicies: bool | None = about("")
    dnsCaching: bool | None = about("")
    nat64: bool | None = about("")
    fastPathThreshold: Int32 | None = about("")
    masquerade: KindnetMasqueradeSpec | None = about("")
    logLevel: Int32 | None = about("")


class NetworkingSpec(Model):
    """NetworkingSpec."""

    classic: ClassicNetworkingSpec | None = about("")
    kubenet: KubenetNetworkingSpec | None = about("")
    external: ExternalNetworkingSpec | None = about("")
    cni: CNINetworkingSpec | None = about("")
    kopeio: KopeioNetworkingSpec | None = about("")
    weave: WeaveNetworkingSpec | None = about("")
    flannel: FlannelNetworkingSpec | None = about("")
    calico: CalicoNetworkingSpec | None = about("")
    canal: CanalNetworkingSpec | None = about("")
    kuberouter: KuberouterNetworkingSpec | None = about("")
    romana: RomanaNetworkingSpec | None = about("")
    amazonvpc: AmazonVPCNetworkingSpec | None = about("")
    cilium: CiliumNetworkingSpec | None = about("")
    lyftvpc: LyftVPCNetworkingSpec | None = about("")
    gce: GCPNetworkingSpec | None = about("")
    kindnet: KindnetNetworkingSpec | None = about("")
