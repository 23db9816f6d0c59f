"""calico"""

from kops_core.api.v1alpha2.types import UNUSED, Int32, Lost, Model, Nonzero, Quantity, about


class CalicoNetworkingSpec(Model):
    """CalicoNetworkingSpec."""

    registry: Nonzero[str] = about("")
    version: Nonzero[str] = about("")
    allowIPForwarding: Nonzero[bool] = about("")
    awsSrcDstCheck: Nonzero[str] = about("")
    bpfEnabled: Nonzero[bool] = about("")
    bpfExternalServiceMode: Nonzero[str] = about("")
    bpfKubeProxyIptablesCleanupEnabled: Nonzero[bool] = about("")
    bpfLogLevel: Nonzero[str] = about("")
    chainInsertMode: Nonzero[str] = about("")
    cpuRequest: Quantity | None = about("")
    crossSubnet: bool | None = about("")
    encapsulationMode: Nonzero[str] = about("")
    ipipMode: Nonzero[str] = about("")
    ipv4AutoDetectionMethod: Nonzero[str] = about("")
    ipv6AutoDetectionMethod: Nonzero[str] = about("")
    iptablesBackend: Nonzero[str] = about("")
    logSeverityScreen: Nonzero[str] = about("")
    mtu: Int32 | None = about("")
    nftablesMode: Nonzero[str] = about("")
    prometheusMetricsEnabled: Nonzero[bool] = about("")
    prometheusMetricsPort: Nonzero[Int32] = about("")
    prometheusGoMetricsEnabled: Nonzero[bool] = about("")
    prometheusProcessMetricsEnabled: Nonzero[bool] = about("")
    majorVersion: Lost[str] = about(UNUSED)
    typhaPrometheusMetricsEnabled: Nonzero[bool] = about("")
    typhaPrometheusMetricsPort: Nonzero[Int32] = about("")
    typhaReplicas: Nonzero[Int32] = about("")
    vxlanMode: Nonzero[str] = about("")
    wireguardEnabled: bool | None = about("")


class CanalNetworkingSpec(Model):
    """CanalNetworkingSpec."""

    chainInsertMode: Nonzero[str] = about("")
    cpuRequest: Quantity | None = about("")
    defaultEndpointToHostAction: Nonzero[str] = about("")
    disableFlannelForwardRules: bool | None = about("")
    disableTxChecksumOffloading: Lost[bool] = about(UNUSED)
    iptablesBackend: Nonzero[str] = about("")
    logSeveritySys: Nonzero[str] = about("")
    mtu: Int32 | None = about("")
    prometheusGoMetricsEnabled: Nonzero[bool] = about("")
    prometheusMetricsEnabled: Nonzero[bool] = about("")
    prometheusMetricsPort: Nonzero[Int32] = about("")
    prometheusProcessMetricsEnabled: Nonzero[bool] = about("")
    typhaPrometheusMetricsEnabled: Nonzero[bool] = about("")
    typhaPrometheusMetricsPort: Nonzero[Int32] = about("")
    typhaReplicas: Nonzero[Int32] = about("")
