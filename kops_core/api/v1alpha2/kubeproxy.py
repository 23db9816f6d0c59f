"""kube-proxy."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Duration, Int32, Model, Nonzero, OneOf, Quantity, about


class KubeProxyConfig(Model):
    """kube-proxy, which makes services work on each node."""

    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    logLevel: Nonzero[Int32] = about("Verbosity of its log.")
    clusterCIDR: str | None = about("Range of pod addresses.")
    hostnameOverride: Nonzero[str] = about("Node name to use in place of the host's.")
    bindAddress: Nonzero[str] = about("Address that it listens on.")
    master: Nonzero[str] = about("Address of the API server.")
    metricsBindAddress: str | None = about("Address and port of its metrics.")
    enabled: bool | None = about("Whether it runs.")
    proxyMode: Nonzero[Annotated[str, OneOf(("iptables", "ipvs", "nftables"))]] = about(
        "What services are made with."
    )
    ipvsExcludeCidrs: list[str] | None = about("Ranges whose IPVS rules are left alone.")
    ipvsMinSyncPeriod: Duration | None = about("Shortest time between two syncs of IPVS rules.")
    ipvsScheduler: str | None = about("How IPVS chooses a backend.")
    ipvsSyncPeriod: Duration | None = about("Longest time between two syncs of IPVS rules.")
    featureGates: dict[str, str] | None = about("Feature gates to switch, by name.")
    conntrackMaxPerCore: Int32 | None = about("Connections to track, a core.")
    conntrackMin: Int32 | None = about("Connections to track at least.")
