"""cilium"""

from typing import Annotated

from kops_core.api.v1alpha2.types import (
    UNUSED,
    Int64,
    Lost,
    Model,
    Nonzero,
    OneOf,
    Quantity,
    UInt8,
    UInt32,
    about,
)


class HubbleSpec(Model):
    """HubbleSpec."""

    enabled: bool | None = about("")
    metrics: list[str] | None = about("")


class CiliumIngressSpec(Model):
    """CiliumIngressSpec."""

    enabled: bool | None = about("")
    enforceHttps: bool | None = about("")
    enableSecretsSync: bool | None = about("")
    loadBalancerAnnotationPrefixes: Nonzero[str] = about("")
    defaultLoadBalancerMode: Nonzero[str] = about("")
    sharedLoadBalancerServiceName: Nonzero[str] = about("")


class CiliumGatewayAPISpec(Model):
    """CiliumGatewayAPISpec."""

    enabled: bool | None = about("")
    enableSecretsSync: bool | None = about("")


class CiliumNetworkingSpec(Model):
    """CiliumNetworkingSpec."""

    registry: Nonzero[str] = about("")
    version: Nonzero[str] = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    accessLog: Lost[str] = about(UNUSED)
    agentLabels: Lost[list[str]] = about(UNUSED)
    agentPrometheusPort: Nonzero[Int64] = about("")
    metrics: list[str] | None = about("")
    allowLocalhost: Lost[str] = about(UNUSED)
    autoIpv6NodeRoutes: Lost[bool] = about(UNUSED)
    bpfRoot: Lost[str] = about(UNUSED)
    chainingMode: Nonzero[str] = about("")
    containerRuntime: Lost[list[str]] = about(UNUSED)
    containerRuntimeEndpoint: Lost[dict[str, str]] = about(UNUSED)
    debug: Nonzero[bool] = about("")
    debugVerbose: Lost[list[str]] = about(UNUSED)
    device: Lost[str] = about(UNUSED)
    disableConntrack: Lost[bool] = about(UNUSED)
    disableEndpointCRD: Nonzero[bool] = about("")
    disableIpv4: Lost[bool] = about(UNUSED)
    disableK8sServices: Lost[bool] = about(UNUSED)
    enablePolicy: Nonzero[str] = about("")
    enableL7Proxy: bool | None = about("")
    enableLocalRedirectPolicy: bool | None = about("")
    enableBPFMasquerade: bool | None = about("")
    enableEndpointHealthChecking: bool | None = about("")
    enableHostFirewall: bool | None = about("")
    enableTracing: Lost[bool] = about(UNUSED)
    enablePrometheusMetrics: Nonzero[bool] = about("")
    enableEncryption: Nonzero[bool] = about("")
    encryptionType: Nonzero[Annotated[str, OneOf(("ipsec", "wireguard"))]] = about("")
    nodeEncryption: Nonzero[bool] = about("")
    envoyLog: Lost[str] = about(UNUSED)
    identityAllocationMode: Nonzero[str] = about("")
    identityChangeGracePeriod: Nonzero[str] = about("")
    ipv4ClusterCidrMaskSize: Lost[Int64] = about(UNUSED)
    ipv4Node: Lost[str] = about(UNUSED)
    ipv4Range: Lost[str] = about(UNUSED)
    ipv4ServiceRange: Lost[str] = about(UNUSED)
    ipv6ClusterAllocCidr: Lost[str] = about(UNUSED)
    ipv6Node: Lost[str] = about(UNUSED)
    ipv6Range: Lost[str] = about(UNUSED)
    ipv6ServiceRange: Lost[str] = about(UNUSED)
    k8sApiServer: Lost[str] = about(UNUSED)
    k8sKubeconfigPath: Lost[str] = about(UNUSED)
    keepBpfTemplates: Lost[bool] = about(UNUSED)
    keepConfig: Lost[bool] = about(UNUSED)
    labelPrefixFile: Lost[str] = about(UNUSED)
    labels: Lost[list[str]] = about(UNUSED)
    lb: Lost[str] = about(UNUSED)
    libDir: Lost[str] = about(UNUSED)
    logDriver: Lost[list[str]] = about(UNUSED)
    logOpt: Lost[dict[str, str]] = about(UNUSED)
    logstash: Lost[bool] = about(UNUSED)
    logstashAgent: Lost[str] = about(UNUSED)
    logstashProbeTimer: Lost[UInt32] = about(UNUSED)
    disableMasquerade: bool | None = about("")
    nat46Range: Lost[str] = about(UNUSED)
    agentPodAnnotations: dict[str, str] | None = about("")
    operatorPodAnnotations: dict[str, str] | None = about("")
    pprof: Lost[bool] = about(UNUSED)
    prefilterDevice: Lost[str] = about(UNUSED)
    prometheusServeAddr: Lost[str] = about(UNUSED)
    restore: Lost[bool] = about(UNUSED)
    singleClusterRoute: Lost[bool] = about(UNUSED)
    socketPath: Lost[str] = about(UNUSED)
    stateDir: Lost[str] = about(UNUSED)
    tracePayloadlen: Lost[Int64] = about(UNUSED)
    tunnel: Nonzero[str] = about("")
    enableipv6: Lost[bool] = about(UNUSED)
    enableipv4: Lost[bool] = about(UNUSED)
    monitorAggregation: Nonzero[str] = about("")
    bpfCTGlobalTCPMax: Nonzero[Int64] = about("")
    bpfCTGlobalAnyMax: Nonzero[Int64] = about("")
    bpfLBAlgorithm: Nonzero[str] = about("")
    bpfLBMaglevTableSize: Nonzero[str] = about("")
    bpfNATGlobalMax: Nonzero[Int64] = about("")
    bpfNeighGlobalMax: Nonzero[Int64] = about("")
    bpfPolicyMapMax: Nonzero[Int64] = about("")
    bpfLBMapMax: Nonzero[Int64] = about("")
    bpfLBSock: Nonzero[bool] = about("")
    bpfLBSockHostNSOnly: Nonzero[bool] = about("")
    preallocateBPFMaps: Nonzero[bool] = about("")
    sidecarIstioProxyImage: Nonzero[str] = about("")
    clusterName: Nonzero[str] = about("")
    clusterID: Nonzero[UInt8] = about("")
    toFqdnsDnsRejectResponseCode: Nonzero[str] = about("")
    toFqdnsEnablePoller: Nonzero[bool] = about("")
    containerRuntimeLabels: Lost[str] = about(UNUSED)
    ipam: Nonzero[str] = about("")
    IPTablesRulesNoinstall: bool | None = about("")
    autoDirectNodeRoutes: Nonzero[bool] = about("")
    enableHostReachableServices: Nonzero[bool] = about("")
    enableNodePort: Nonzero[bool] = about("")
    etcdManaged: Nonzero[bool] = about("")
    enableRemoteNodeIdentity: bool | None = about("")
    enableUnreachableRoutes: bool | None = about("")
    cniExclusive: bool | None = about("")
    hubble: HubbleSpec | None = about("")
    removeCbrBridge: Lost[bool] = about(UNUSED)
    restartPods: Lost[bool] = about(UNUSED)
    reconfigureKubelet: Lost[bool] = about(UNUSED)
    nodeInitBootstrapFile: Lost[str] = about(UNUSED)
    cniBinPath: Lost[str] = about(UNUSED)
    disableCNPStatusUpdates: bool | None = about("")
    enableServiceTopology: Nonzero[bool] = about("")
    ingress: CiliumIngressSpec | None = about("")
    gatewayAPI: CiliumGatewayAPISpec | None = about("")
    extraConfig: dict[str, str] | None = about("")
