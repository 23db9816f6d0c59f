"""Calico, alone and with Flannel."""

from typing import Annotated

from kops_core.api.v1alpha2.types import UNUSED, Int32, Lost, Model, Nonzero, OneOf, Quantity, about


class CalicoNetworkingSpec(Model):
    """Calico."""

    registry: Nonzero[str] = about("Registry to pull the images from.")
    version: Nonzero[str] = about("Version to run instead of the one kOps picks.")
    allowIPForwarding: Nonzero[bool] = about("Whether pods may forward packets.")
    awsSrcDstCheck: Nonzero[Annotated[str, OneOf(("DoNothing", "Enable", "Disable"))]] = about(
        "Whether EC2 checks that packets are from or to the machine itself."
    )
    bpfEnabled: Nonzero[bool] = about("Whether the eBPF data plane takes the place of kube-proxy.")
    bpfExternalServiceMode: Nonzero[Annotated[str, OneOf(("Tunnel", "DSR"))]] = about(
        "Whether answers to outside traffic go back by the entry node."
    )
    bpfKubeProxyIptablesCleanupEnabled: Nonzero[bool] = about("Whether kube-proxy's rules are removed.")
    bpfLogLevel: Nonzero[Annotated[str, OneOf(("Off", "Info", "Debug"))]] = about(
        "What the BPF programs log."
    )
    chainInsertMode: Nonzero[Annotated[str, OneOf(("insert", "append"))]] = about(
        "Whether Felix's rules go before or behind others."
    )
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    crossSubnet: bool | None = about("Has no effect any more; see ipipMode.")
    encapsulationMode: Nonzero[Annotated[str, OneOf(("none", "ipip", "vxlan"))]] = about(
        "How packets are wrapped between nodes."
    )
    ipipMode: Nonzero[Annotated[str, OneOf(("Always", "CrossSubnet", "Never"))]] = about(
        "When packets are wrapped in IP."
    )
    ipv4AutoDetectionMethod: Nonzero[str] = about("How the node's IPv4 address is found.")
    ipv6AutoDetectionMethod: Nonzero[str] = about("How the node's IPv6 address is found.")
    iptablesBackend: Nonzero[Annotated[str, OneOf(("Auto", "Legacy", "NFT"))]] = about(
        "Flavour of iptables that Felix uses."
    )
    logSeverityScreen: Nonzero[str] = about("Severity from which messages are logged.")
    mtu: Int32 | None = about("MTU of the pod network's interfaces; chosen by the plugin if unset.")
    nftablesMode: Nonzero[Annotated[str, OneOf(("Auto", "Disabled", "Enabled"))]] = about(
        "Whether rules are written with nftables."
    )
    prometheusMetricsEnabled: Nonzero[bool] = about("Whether Felix serves metrics.")
    prometheusMetricsPort: Nonzero[Int32] = about("Port of Felix's metrics.")
    prometheusGoMetricsEnabled: Nonzero[bool] = about("Whether Go runtime metrics are served.")
    prometheusProcessMetricsEnabled: Nonzero[bool] = about("Whether process metrics are served.")
    majorVersion: Lost[str] = about(UNUSED)
    typhaPrometheusMetricsEnabled: Nonzero[bool] = about("Whether Typha serves metrics.")
    typhaPrometheusMetricsPort: Nonzero[Int32] = about("Port of Typha's metrics.")
    typhaReplicas: Nonzero[Int32] = about("Typha pods; 0 for none.")
    vxlanMode: Nonzero[Annotated[str, OneOf(("Always", "CrossSubnet", "Never"))]] = about(
        "When packets are wrapped in VXLAN."
    )
    wireguardEnabled: bool | None = about("Whether traffic between nodes is encrypted by WireGuard.")


class CanalNetworkingSpec(Model):
    """Canal: Flannel with Calico's policies."""

    chainInsertMode: Nonzero[Annotated[str, OneOf(("insert", "append"))]] = about(
        "Whether Felix's rules go before or behind others."
    )
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    defaultEndpointToHostAction: Nonzero[str] = about("What happens to packets from pods to their node.")
    disableFlannelForwardRules: bool | None = about("Whether flannel leaves out its forwarding rules.")
    disableTxChecksumOffloading: Lost[bool] = about(UNUSED)
    iptablesBackend: Nonzero[Annotated[str, OneOf(("Auto", "Legacy", "NFT"))]] = about(
        "Flavour of iptables that Felix uses."
    )
    logSeveritySys: Nonzero[str] = about("Severity from which messages go to the system log.")
    mtu: Int32 | None = about("MTU of the pod network's interfaces; chosen by the plugin if unset.")
    prometheusGoMetricsEnabled: Nonzero[bool] = about("Whether Go runtime metrics are served.")
    prometheusMetricsEnabled: Nonzero[bool] = about("Whether Felix serves metrics.")
    prometheusMetricsPort: Nonzero[Int32] = about("Port of Felix's metrics.")
    prometheusProcessMetricsEnabled: Nonzero[bool] = about("Whether process metrics are served.")
    typhaPrometheusMetricsEnabled: Nonzero[bool] = about("Whether Typha serves metrics.")
    typhaPrometheusMetricsPort: Nonzero[Int32] = about("Port of Typha's metrics.")
    typhaReplicas: Nonzero[Int32] = about("Typha pods; 0 for none.")
