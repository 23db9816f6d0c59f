"""Controller managers and scheduler."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Duration, Int32, Model, Nonzero, OneOf, Quantity, about


class LeaderElectionConfiguration(Model):
    """Leader election among replicas."""

    leaderElect: bool | None = about("Whether they do.")
    leaderElectLeaseDuration: Duration | None = about("How long others wait before they take over.")
    leaderElectRenewDeadlineDuration: Duration | None = about("Time within which the leader must renew.")
    leaderElectResourceLock: str | None = about("Kind of object that is the lock.")
    leaderElectResourceName: str | None = about("Name of that object.")
    leaderElectResourceNamespace: str | None = about("Namespace of that object.")
    leaderElectRetryPeriod: Duration | None = about("Time between attempts.")


class KubeControllerManagerConfig(Model):
    """kube-controller-manager."""

    master: Nonzero[str] = about("Address of the API server.")
    logFormat: Nonzero[Annotated[str, OneOf(("text", "json"))]] = about("Format of its log.")
    logLevel: Nonzero[Int32] = about("Verbosity of its log.")
    serviceAccountPrivateKeyFile: Nonzero[str] = about("Key that signs service account tokens.")
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    cloudProvider: Nonzero[str] = about(
        "Cloud provider that the component is told; external for all current versions."
    )
    clusterName: Nonzero[str] = about("Name of the cluster, as the component is told.")
    clusterCIDR: Nonzero[str] = about("Range of pod addresses.")
    allocateNodeCIDRs: bool | None = about("Whether nodes are given ranges of pod addresses.")
    nodeCIDRMaskSize: Int32 | None = about("Size of a node's pod range, as mask length.")
    configureCloudRoutes: bool | None = about("Whether routes to pod ranges are set in the cloud.")
    controllers: list[str] | None = about(
        "Controllers to run; * for all default ones, -name to leave one out."
    )
    cidrAllocatorType: str | None = about("What gives nodes their ranges of pod addresses.")
    rootCAFile: Nonzero[str] = about("CA put into service account secrets.")
    leaderElection: LeaderElectionConfiguration | None = about("How replicas agree on one that acts.")
    attachDetachReconcileSyncPeriod: Duration | None = about("Time between looks at attached volumes.")
    disableAttachDetachReconcileSync: bool | None = about("Whether that look is left out.")
    terminatedPodGCThreshold: Int32 | None = about("Ended pods that are kept.")
    nodeMonitorPeriod: Duration | None = about("Time between looks at nodes.")
    nodeMonitorGracePeriod: Duration | None = about("Silence after which a node is unhealthy.")
    podEvictionTimeout: Duration | None = about("Time before pods of a failed node are deleted.")
    useServiceAccountCredentials: bool | None = about("Whether each controller uses its own service account.")
    horizontalPodAutoscalerSyncPeriod: Duration | None = about("Time between looks of the autoscaler.")
    horizontalPodAutoscalerDownscaleDelay: Duration | None = about("Wait between two downscales.")
    horizontalPodAutoscalerDownscaleStabilization: Duration | None = about(
        "Time whose highest recommendation counts."
    )
    horizontalPodAutoscalerUpscaleDelay: Duration | None = about("Wait between two upscales.")
    horizontalPodAutoscalerInitialReadinessDelay: Duration | None = about(
        "Time after start in which readiness is a first one."
    )
    horizontalPodAutoscalerCpuInitializationPeriod: Duration | None = about(
        "Time after start whose CPU use may not count."
    )
    horizontalPodAutoscalerTolerance: Quantity | None = about("Difference that is not acted on.")
    horizontalPodAutoscalerUseRestClients: bool | None = about("Whether metrics come from the metrics API.")
    experimentalClusterSigningDuration: Duration | None = about("Older name of ClusterSigningDuration.")
    ClusterSigningDuration: Duration | None = about("How long signed certificates are good.")
    featureGates: dict[str, str] | None = about("Feature gates to switch, by name.")
    tlsCertFile: str | None = about("Certificate file that it serves with.")
    tlsCipherSuites: list[str] | None = about("Cipher suites that it accepts.")
    tlsMinVersion: Nonzero[str] = about("Oldest TLS version that it accepts.")
    tlsPrivateKeyFile: Nonzero[str] = about("Key file that it serves with.")
    minResyncPeriod: Nonzero[str] = about("Time between full resyncs.")
    kubeAPIQPS: Quantity | None = about("Requests a second that it may make to the API server.")
    kubeAPIBurst: Int32 | None = about("Requests beyond that rate that it may make at once.")
    concurrentDeploymentSyncs: Int32 | None = about("Deployments handled at once.")
    concurrentEndpointSyncs: Int32 | None = about("Endpoints handled at once.")
    concurrentNamespaceSyncs: Int32 | None = about("Namespaces handled at once.")
    concurrentReplicasetSyncs: Int32 | None = about("Replica sets handled at once.")
    concurrentServiceSyncs: Int32 | None = about("Services handled at once.")
    concurrentResourceQuotaSyncs: Int32 | None = about("Quotas handled at once.")
    concurrentServiceaccountTokenSyncs: Int32 | None = about("Token objects handled at once.")
    concurrentRcSyncs: Int32 | None = about("Replication controllers handled at once.")
    concurrentHorizontalPodAustoscalerSyncs: Int32 | None = about("Autoscalers handled at once.")
    concurrentJobSyncs: Int32 | None = about("Jobs handled at once.")
    authenticationKubeconfig: Nonzero[str] = about("Kubeconfig used to ask the API server who a caller is.")
    authorizationKubeconfig: Nonzero[str] = about(
        "Kubeconfig used to ask the API server what a caller may do."
    )
    authorizationAlwaysAllowPaths: list[str] | None = about("Paths served without asking for permission.")
    externalCloudVolumePlugin: Nonzero[str] = about("Volume plugin to run for an external cloud provider.")
    endpointUpdatesBatchPeriod: Duration | None = about("Time for which changes of endpoints are gathered.")
    endpointSliceUpdatesBatchPeriod: Duration | None = about(
        "Time for which changes of endpoint slices are gathered."
    )
    enableProfiling: bool | None = about("Whether profiles can be read over HTTP.")
    enableContentionProfiling: bool | None = about("Whether lock contention is profiled too.")
    enableLeaderMigration: bool | None = about(
        "Whether leader locks are moved between controller managers on an upgrade."
    )
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")


class CloudControllerManagerConfig(Model):
    """The cloud controller manager."""

    master: Nonzero[str] = about("Address of the API server.")
    logLevel: Nonzero[Int32] = about("Verbosity of its log.")
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    cloudProvider: Nonzero[str] = about(
        "Cloud provider that the component is told; external for all current versions."
    )
    clusterName: Nonzero[str] = about("Name of the cluster, as the component is told.")
    allowUntaggedCloud: bool | None = about("Whether instances without the cluster's tag are accepted.")
    clusterCIDR: Nonzero[str] = about("Range of pod addresses.")
    allocateNodeCIDRs: bool | None = about("Whether nodes are given ranges of pod addresses.")
    configureCloudRoutes: bool | None = about("Whether routes to pod ranges are set in the cloud.")
    controllers: list[str] | None = about(
        "Controllers to run; * for all default ones, -name to leave one out."
    )
    cidrAllocatorType: str | None = about("What gives nodes their ranges of pod addresses.")
    leaderElection: LeaderElectionConfiguration | None = about("How replicas agree on one that acts.")
    useServiceAccountCredentials: bool | None = about("Whether each controller uses its own service account.")
    enableLeaderMigration: bool | None = about(
        "Whether leader locks are moved between controller managers on an upgrade."
    )
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    nodeStatusUpdateFrequency: Duration | None = about("Time between updates of nodes from the cloud.")
    concurrentNodeSyncs: Int32 | None = about("Nodes handled at once.")
    azureNodeManagerImage: Nonzero[str] = about("Image of Azure's node manager.")


class KubeSchedulerConfig(Model):
    """kube-scheduler."""

    master: Nonzero[str] = about("Address of the API server.")
    logFormat: Nonzero[Annotated[str, OneOf(("text", "json"))]] = about("Format of its log.")
    logLevel: Nonzero[Int32] = about("Verbosity of its log.")
    image: Nonzero[str] = about("Image to run instead of the one kOps picks.")
    leaderElection: LeaderElectionConfiguration | None = about("How replicas agree on one that acts.")
    usePolicyConfigMap: bool | None = about("Whether a ConfigMap holds its policy; gone.")
    featureGates: dict[str, str] | None = about("Feature gates to switch, by name.")
    maxPersistentVolumes: Int32 | None = about("Volumes of a node at most.")
    qps: Quantity | None = about("Requests a second that it may make to the API server.")
    burst: Nonzero[Int32] = about("Requests beyond that rate that it may make at once.")
    kubeAPIQPS: Quantity | None = about("Requests a second that it may make to the API server.")
    kubeAPIBurst: Int32 | None = about("Requests beyond that rate that it may make at once.")
    authenticationKubeconfig: Nonzero[str] = about("Kubeconfig used to ask the API server who a caller is.")
    authorizationKubeconfig: Nonzero[str] = about(
        "Kubeconfig used to ask the API server what a caller may do."
    )
    authorizationAlwaysAllowPaths: list[str] | None = about("Paths served without asking for permission.")
    enableProfiling: bool | None = about("Whether profiles can be read over HTTP.")
    enableContentionProfiling: bool | None = about("Whether lock contention is profiled too.")
    tlsCertFile: str | None = about("Certificate file that it serves with.")
    tlsPrivateKeyFile: Nonzero[str] = about("Key file that it serves with.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    cpuLimit: Quantity | None = about("CPU that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
