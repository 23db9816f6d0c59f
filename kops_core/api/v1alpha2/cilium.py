"""Cilium."""

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
    """Hubble, which shows what flows in the network."""

    enabled: bool | None = about("Whether it is installed.")
    metrics: list[str] | None = about("Metrics to collect.")


class CiliumIngressSpec(Model):
    """Cilium as an ingress controller."""

    enabled: bool | None = about("Whether it is installed.")
    enforceHttps: bool | None = about("Whether HTTP is redirected to HTTPS.")
    enableSecretsSync: bool | None = about("Whether TLS secrets are copied to Cilium's namespace.")
    loadBalancerAnnotationPrefixes: Nonzero[str] = about(
        "Prefixes of ingress annotations passed on to the service."
    )
    defaultLoadBalancerMode: Nonzero[Annotated[str, OneOf(("shared", "dedicated"))]] = about(
        "Whether ingresses share a load balancer."
    )
    sharedLoadBalancerServiceName: Nonzero[str] = about("Name of the shared load balancer's service.")


class CiliumGatewayAPISpec(Model):
    """Cilium as a Gateway API controller."""

    enabled: bool | None = about("Whether it is installed.")
    enableSecretsSync: bool | None = about("Whether TLS secrets are copied to Cilium's namespace.")


class CiliumNetworkingSpec(Model):
    """Cilium."""

    registry: Nonzero[str] = about("Registry to pull the images from.")
    version: Nonzero[str] = about("Version to run instead of the one kOps picks.")
    memoryRequest: Quantity | None = about("Memory that the agent asks for.")
    cpuRequest: Quantity | None = about("CPU that the agent asks for.")
    accessLog: Lost[str] = about(UNUSED)
    agentLabels: Lost[list[str]] = about(UNUSED)
    agentPrometheusPort: Nonzero[Int64] = about("Port of the agent's metrics.")
    metrics: list[str] | None = about("Metrics to add (+name) or leave out (-name).")
    allowLocalhost: Lost[str] = about(UNUSED)
    autoIpv6NodeRoutes: Lost[bool] = about(UNUSED)
    bpfRoot: Lost[str] = about(UNUSED)
    chainingMode: Nonzero[str] = about("Other plugin that Cilium is chained to.")
    containerRuntime: Lost[list[str]] = about(UNUSED)
    containerRuntimeEndpoint: Lost[dict[str, str]] = about(UNUSED)
    debug: Nonzero[bool] = about("Whether debug messages are logged.")
    debugVerbose: Lost[list[str]] = about(UNUSED)
    device: Lost[str] = about(UNUSED)
    disableConntrack: Lost[bool] = about(UNUSED)
    disableEndpointCRD: Nonzero[bool] = about("Whether CiliumEndpoint objects are left out.")
    disableIpv4: Lost[bool] = about(UNUSED)
    disableK8sServices: Lost[bool] = about(UNUSED)
    enablePolicy: Nonzero[Annotated[str, OneOf(("default", "always", "never"))]] = about(
        "When traffic that no policy names is let through."
    )
    enableL7Proxy: bool | None = about("Whether policies may look into HTTP and the like.")
    enableLocalRedirectPolicy: bool | None = about("Whether traffic can be redirected to a pod of the node.")
    enableBPFMasquerade: bool | None = about("Whether masquerading is done in eBPF.")
    enableEndpointHealthChecking: bool | None = about("Whether the health of endpoints is probed.")
    enableHostFirewall: bool | None = about("Whether policies apply to the nodes themselves.")
    enableTracing: Lost[bool] = about(UNUSED)
    enablePrometheusMetrics: Nonzero[bool] = about("Whether metrics are served.")
    enableEncryption: Nonzero[bool] = about("Whether traffic between nodes is encrypted.")
    encryptionType: Nonzero[Annotated[str, OneOf(("ipsec", "wireguard"))]] = about("How it is encrypted.")
    nodeEncryption: Nonzero[bool] = about("Whether traffic of the nodes themselves is encrypted (WireGuard).")
    envoyLog: Lost[str] = about(UNUSED)
    identityAllocationMode: Nonzero[Annotated[str, OneOf(("crd", "kvstore"))]] = about(
        "Where identities are kept."
    )
    identityChangeGracePeriod: Nonzero[str] = about("Time before a changed identity is used.")
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
    disableMasquerade: bool | None = about("Whether pods keep their address on the way out.")
    nat46Range: Lost[str] = about(UNUSED)
    agentPodAnnotations: dict[str, str] | None = about("Annotations for the agent's pods.")
    operatorPodAnnotations: dict[str, str] | None = about("Annotations for the operator's pods.")
    pprof: Lost[bool] = about(UNUSED)
    prefilterDevice: Lost[str] = about(UNUSED)
    prometheusServeAddr: Lost[str] = about(UNUSED)
    restore: Lost[bool] = about(UNUSED)
    singleClusterRoute: Lost[bool] = about(UNUSED)
    socketPath: Lost[str] = about(UNUSED)
    stateDir: Lost[str] = about(UNUSED)
    tracePayloadlen: Lost[Int64] = about(UNUSED)
    tunnel: Nonzero[Annotated[str, OneOf(("vxlan", "geneve", "disabled"))]] = about(
        "How packets travel between nodes; disabled for plain routing."
    )
    enableipv6: Lost[bool] = about(UNUSED)
    enableipv4: Lost[bool] = about(UNUSED)
    monitorAggregation: Nonzero[Annotated[str, OneOf(("low", "medium", "maximum"))]] = about(
        "How much events of one flow are merged."
    )
    bpfCTGlobalTCPMax: Nonzero[Int64] = about("Entries of the TCP connection table.")
    bpfCTGlobalAnyMax: Nonzero[Int64] = about("Entries of the table of other connections.")
    bpfLBAlgorithm: Nonzero[Annotated[str, OneOf(("random", "maglev"))]] = about(
        "How a service's backend is chosen."
    )
    bpfLBMaglevTableSize: Nonzero[str] = about("Size of Maglev's table.")
    bpfNATGlobalMax: Nonzero[Int64] = about("Entries of the NAT table.")
    bpfNeighGlobalMax: Nonzero[Int64] = about("Entries of the neighbour table.")
    bpfPolicyMapMax: Nonzero[Int64] = about("Entries of an endpoint's policy table.")
    bpfLBMapMax: Nonzero[Int64] = about("Entries of the service tables.")
    bpfLBSock: Nonzero[bool] = about("Whether services are resolved at the socket.")
    bpfLBSockHostNSOnly: Nonzero[bool] = about("Whether that is so for the node's namespace only.")
    preallocateBPFMaps: Nonzero[bool] = about("Whether memory of the tables is taken at start.")
    sidecarIstioProxyImage: Nonzero[str] = about("Image of Istio's sidecar.")
    clusterName: Nonzero[str] = about("Name of the cluster in a mesh.")
    clusterID: Nonzero[UInt8] = about("Number of the cluster in a mesh.")
    toFqdnsDnsRejectResponseCode: Nonzero[str] = about("Answer to DNS queries that policy forbids.")
    toFqdnsEnablePoller: Nonzero[bool] = about("Whether names in policies are resolved by polling.")
    containerRuntimeLabels: Lost[str] = about(UNUSED)
    ipam: Nonzero[Annotated[str, OneOf(("hostscope", "kubernetes", "crd", "eni"))]] = about(
        "What gives pods their addresses."
    )
    IPTablesRulesNoinstall: bool | None = about("Whether Cilium writes no iptables rules.")
    autoDirectNodeRoutes: Nonzero[bool] = about("Whether routes to other nodes' pods are set on the node.")
    enableHostReachableServices: Nonzero[bool] = about("Whether the node itself reaches services.")
    enableNodePort: Nonzero[bool] = about("Whether node ports are served by Cilium in place of kube-proxy.")
    etcdManaged: Nonzero[bool] = about("Whether Cilium has an etcd cluster of its own.")
    enableRemoteNodeIdentity: bool | None = about("Whether other nodes have an identity of their own.")
    enableUnreachableRoutes: bool | None = about("Whether routes of removed endpoints answer unreachable.")
    cniExclusive: bool | None = about("Whether configurations of other plugins are moved away.")
    hubble: HubbleSpec | None = about("Hubble, which shows what flows in the network.")
    removeCbrBridge: Lost[bool] = about(UNUSED)
    restartPods: Lost[bool] = about(UNUSED)
    reconfigureKubelet: Lost[bool] = about(UNUSED)
    nodeInitBootstrapFile: Lost[str] = about(UNUSED)
    cniBinPath: Lost[str] = about(UNUSED)
    disableCNPStatusUpdates: bool | None = about("Whether the status of policies is not written.")
    enableServiceTopology: Nonzero[bool] = about("Whether services keep to topology hints.")
    ingress: CiliumIngressSpec | None = about("Ingress controller.")
    gatewayAPI: CiliumGatewayAPISpec | None = about("Gateway API controller.")
    extraConfig: dict[str, str] | None = about("More settings for Cilium's ConfigMap.")
