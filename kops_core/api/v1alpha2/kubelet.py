"""The kubelet."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Duration, Int32, Int64, Model, Nonzero, OneOf, about


class KubeletConfigSpec(Model):
    """The kubelet of a node."""

    apiServers: Nonzero[str] = about("Addresses of the API server.")
    anonymousAuth: bool | None = about("Whether requests without a user are answered.")
    authorizationMode: Nonzero[str] = about("How requests to the kubelet are authorized.")
    bootstrapKubeconfig: Nonzero[str] = about("Kubeconfig used to get a certificate.")
    clientCaFile: Nonzero[str] = about("CA of clients that may call the kubelet.")
    tlsCertFile: Nonzero[str] = about("Certificate file that it serves with.")
    tlsPrivateKeyFile: Nonzero[str] = about("Key file that it serves with.")
    tlsCipherSuites: list[str] | None = about("Cipher suites that it accepts.")
    tlsMinVersion: Nonzero[str] = about("Oldest TLS version that it accepts.")
    kubeconfigPath: Nonzero[str] = about("Kubeconfig used to reach the API server.")
    requireKubeconfig: bool | None = about("Whether the kubelet ends without a kubeconfig.")
    logFormat: Nonzero[Annotated[str, OneOf(("text", "json"))]] = about("Format of its log.")
    logLevel: Int32 | None = about("Verbosity of its log.")
    podManifestPath: Nonzero[str] = about("Folder of static pods.")
    hostnameOverride: Nonzero[str] = about("Node name to use in place of the host's.")
    podInfraContainerImage: Nonzero[str] = about("Image of the pause container.")
    seccompDefault: bool | None = about("Whether RuntimeDefault is the default seccomp profile.")
    seccompProfileRoot: str | None = about("Folder of seccomp profiles.")
    allowPrivileged: bool | None = about("Whether containers may be privileged.")
    enableDebuggingHandlers: bool | None = about("Whether logs, exec and port-forward work.")
    registerNode: bool | None = about("Whether the node registers itself.")
    nodeStatusUpdateFrequency: Duration | None = about("Time between reports of the node's status.")
    clusterDomain: Nonzero[str] = about("DNS domain of the cluster.")
    clusterDNS: Nonzero[str] = about("Address of the DNS server that pods use.")
    networkPluginName: str | None = about("Network plugin.")
    cloudProvider: Nonzero[str] = about(
        "Cloud provider that the component is told; external for all current versions."
    )
    kubeletCgroups: Nonzero[str] = about("Cgroup of the kubelet.")
    runtimeCgroups: Nonzero[str] = about("Cgroup of the container runtime.")
    readOnlyPort: Int32 | None = about("Port of the kubelet's open API; 0 for none.")
    systemCgroups: Nonzero[str] = about("Cgroup of the system's processes.")
    cgroupRoot: Nonzero[str] = about("Cgroup above all pods.")
    configureCbr0: bool | None = about("Whether the kubelet sets up a bridge.")
    hairpinMode: Nonzero[Annotated[str, OneOf(("promiscuous-bridge", "hairpin-veth", "none"))]] = about(
        "How a pod reaches itself by its service."
    )
    babysitDaemons: bool | None = about("Whether daemons are watched.")
    maxPods: Int32 | None = about("Pods that the node runs at most.")
    nvidiaGPUs: Nonzero[Int32] = about("GPUs of the node.")
    podCIDR: Nonzero[str] = about("Range of pod addresses of a node on its own.")
    resolvConf: str | None = about("File with the resolvers of the host.")
    reconcileCIDR: bool | None = about("Whether the node's range is taken from the API.")
    registerSchedulable: bool | None = about("Whether the node takes pods at once.")
    serializeImagePulls: bool | None = about("Whether images are pulled one at a time.")
    nodeLabels: dict[str, str] | None = about("Labels of the node.")
    nonMasqueradeCIDR: str | None = about("Range that pods reach with their own address.")
    enableCustomMetrics: bool | None = about("Whether custom metrics are collected.")
    networkPluginMTU: Int32 | None = about("MTU told to the network plugin.")
    imageMinimumGCAge: Duration | None = about("Age below which an unused image stays.")
    imageMaximumGCAge: Duration | None = about("Age after which an unused image goes.")
    maxParallelImagePulls: Int32 | None = about("Images pulled at once.")
    imageGCHighThresholdPercent: Int32 | None = about("Disk use at which images are removed.")
    imageGCLowThresholdPercent: Int32 | None = about("Disk use down to which images are removed.")
    imagePullProgressDeadline: Duration | None = about("Time without progress after which a pull ends.")
    evictionHard: str | None = about("Signals at which pods are evicted at once.")
    evictionSoft: Nonzero[str] = about("Signals at which pods are evicted after a while.")
    evictionSoftGracePeriod: Nonzero[str] = about("How long each soft signal is borne.")
    evictionPressureTransitionPeriod: Duration | None = about("Time before the node is out of pressure.")
    evictionMaxPodGracePeriod: Nonzero[Int32] = about("Seconds that an evicted pod has at most.")
    evictionMinimumReclaim: Nonzero[str] = about("How much an eviction frees at least.")
    volumePluginDirectory: Nonzero[str] = about("Folder of volume plugins.")
    taints: list[str] | None = about("Taints that the node registers with.")
    featureGates: dict[str, str] | None = about("Feature gates to switch, by name.")
    kernelMemcgNotification: bool | None = about("Whether the kernel tells of memory pressure.")
    kubeReserved: dict[str, str] | None = about("Resources kept for Kubernetes' daemons.")
    kubeReservedCgroup: Nonzero[str] = about("Cgroup of Kubernetes' daemons.")
    systemReserved: dict[str, str] | None = about("Resources kept for the system.")
    systemReservedCgroup: Nonzero[str] = about("Cgroup of the system's daemons.")
    enforceNodeAllocatable: Nonzero[str] = about("What reservations are enforced on.")
    runtimeRequestTimeout: Duration | None = about("Time after which a call of the runtime ends.")
    volumeStatsAggPeriod: Duration | None = about("Time between counts of volume use.")
    failSwapOn: bool | None = about("Whether the kubelet refuses to run with swap on.")
    experimentalAllowedUnsafeSysctls: list[str] | None = about(
        "Unsafe sysctls that pods may set; see allowedUnsafeSysctls."
    )
    allowedUnsafeSysctls: list[str] | None = about("Unsafe sysctls that pods may set.")
    streamingConnectionIdleTimeout: Duration | None = about("Idle time after which exec and attach end.")
    dockerDisableSharedPID: bool | None = about("Whether containers of a pod have their own PIDs.")
    rootDir: Nonzero[str] = about("Folder of the kubelet's state.")
    authenticationTokenWebhook: bool | None = about("Whether the API server is asked about tokens.")
    authenticationTokenWebhookCacheTtl: Duration | None = about("How long its answers are kept.")
    cpuCFSQuota: bool | None = about("Whether CPU limits are enforced.")
    cpuCFSQuotaPeriod: Duration | None = about("Period of CPU limits.")
    cpuManagerPolicy: Nonzero[Annotated[str, OneOf(("none", "static"))]] = about(
        "How cores are given to containers."
    )
    registryPullQPS: Int32 | None = about("Pulls a second.")
    registryBurst: Int32 | None = about("Pulls beyond that rate at once.")
    topologyManagerPolicy: Nonzero[
        Annotated[str, OneOf(("none", "best-effort", "restricted", "single-numa-node"))]
    ] = about("How resources are aligned to NUMA nodes.")
    rotateCertificates: bool | None = about("Whether the client certificate is renewed.")
    protectKernelDefaults: bool | None = about(
        "Whether the kubelet refuses kernel settings other than its own."
    )
    cgroupDriver: Nonzero[Annotated[str, OneOf(("systemd", "cgroupfs"))]] = about("What manages cgroups.")
    housekeepingInterval: Duration | None = about("Time between looks at containers.")
    eventQPS: Int32 | None = about("Events a second.")
    eventBurst: Int32 | None = about("Events beyond that rate at once.")
    containerLogMaxSize: Nonzero[str] = about("Size at which a container's log is rotated.")
    containerLogMaxFiles: Int32 | None = about("Log files kept of a container.")
    enableCadvisorJsonEndpoints: bool | None = about("Whether cAdvisor's JSON is served.")
    podPidsLimit: Int64 | None = about("Processes of a pod at most.")
    experimentalAllocatableIgnoreEviction: bool | None = about(
        "Whether eviction thresholds do not count as reserved."
    )
    shutdownGracePeriod: Duration | None = about("Time that a node's shutdown waits for its pods.")
    shutdownGracePeriodCriticalPods: Duration | None = about("Part of that time for critical pods.")
    memorySwapBehavior: Nonzero[Annotated[str, OneOf(("LimitedSwap", "UnlimitedSwap"))]] = about(
        "How pods may use swap."
    )
    crashLoopBackOffMaxContainerRestartPeriod: Duration | None = about(
        "Longest wait before a crashing container starts again."
    )
    kubeAPIQPS: Int32 | None = about("Requests a second that it may make to the API server.")
    eventRecordQPS: Int32 | None = about("Events a second.")
    nodeLeaseDurationSeconds: Int32 | None = about("How long a node's lease is good.")
