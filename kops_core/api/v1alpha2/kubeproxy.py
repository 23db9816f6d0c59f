"""kubeproxy"""

from kops_core.api.v1alpha2.types import Duration, Int32, Model, Nonzero, Quantity, about


class KubeProxyConfig(Model):
    """KubeProxyConfig."""

    image: Nonzero[str] = about("")
    cpuRequest: Quantity | None = about("")
    cpuLimit: Quantity | None = about("")
    memoryRequest: Quantity | None = about("")
    memoryLimit: Quantity | None = about("")
    logLevel: Nonzero[Int32] = about("")
    clusterCIDR: str | None = about("")
    hostnameOverride: Nonzero[str] = about("")
    bindAddress: Nonzero[str] = about("")
    master: Nonzero[str] = about("")
    metricsBindAddress: str | None = about("")
    enabled: bool | None = about("")
    proxyMode: Nonzero[str] = about("")
    ipvsExcludeCidrs: list[str] | None = about("")
    ipvsMinSyncPeriod: Duration | None = about("")
    ipvsScheduler: str | None = about("")
    ipvsSyncPeriod: Duration | None = about("")
    featureGates: dict[str, str] | None = about("")
    conntrackMaxPerCore: Int32 | None = about("")
    conntrackMin: Int32 | None = about("")
