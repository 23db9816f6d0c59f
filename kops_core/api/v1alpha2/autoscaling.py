"""Autoscaler, node termination, warm pools, rolling updates."""

from typing import Annotated

from kops_core.api.v1alpha2.types import Int32, Int64, IntOrString, Model, Nonzero, OneOf, Quantity, about


class ClusterAutoscalerConfig(Model):
    """Cluster autoscaler, which scales instance groups."""

    enabled: bool | None = about("Whether it is installed.")
    expander: Nonzero[Annotated[str, OneOf(("least-waste", "random", "most-pods", "price", "priority"))]] = (
        about("How it chooses the group to grow, by comma.")
    )
    balanceSimilarNodeGroups: bool | None = about("Whether like groups are kept at one size.")
    emitPerNodegroupMetrics: bool | None = about("Whether metrics are kept for each group.")
    awsUseStaticInstanceList: bool | None = about("Whether instance types are not read from EC2.")
    ignoreDaemonSetsUtilization: bool | None = about("Whether daemon sets do not count as use.")
    scaleDownUtilizationThreshold: str | None = about("Use below which a node may go.")
    skipNodesWithCustomControllerPods: bool | None = about(
        "Whether nodes with pods of custom controllers stay."
    )
    skipNodesWithSystemPods: bool | None = about("Whether nodes with kube-system pods stay.")
    skipNodesWithLocalStorage: bool | None = about("Whether nodes with local storage stay.")
    newPodScaleUpDelay: str | None = about("Age below which pods do not count.")
    scaleDownDelayAfterAdd: str | None = about("Wait after growth before shrinking.")
    scaleDownUnneededTime: str | None = about("Time that a node must be unneeded.")
    scaleDownUnreadyTime: str | None = about("Time that an unready node must be unneeded.")
    cordonNodeBeforeTerminating: bool | None = about("Whether a node is cordoned before it goes.")
    image: str | None = about("Image to run instead of the one kOps picks.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    maxNodeProvisionTime: Nonzero[str] = about("Time that a node has to join.")
    podAnnotations: dict[str, str] | None = about("Annotations for its pods.")
    createPriorityExpanderConfig: bool | None = about(
        "Whether kOps writes the priority expander's ConfigMap."
    )
    customPriorityExpanderConfig: dict[str, list[str]] | None = about("Patterns of group names by priority.")


class NodeTerminationHandlerSpec(Model):
    """AWS node termination handler, which drains machines before termination."""

    deleteSQSMsgIfNodeNotFound: bool | None = about("Whether messages about unknown nodes are deleted.")
    enabled: bool | None = about("Whether it is installed.")
    enableSpotInterruptionDraining: bool | None = about("Whether spot interruptions drain.")
    enableScheduledEventDraining: bool | None = about("Whether scheduled events drain.")
    enableRebalanceMonitoring: bool | None = about("Whether rebalance recommendations cordon.")
    enableRebalanceDraining: bool | None = about("Whether rebalance recommendations drain.")
    enableOutOfServiceTaint: bool | None = about("Whether drained nodes are tainted out of service.")
    prometheusEnable: bool | None = about("Whether metrics are served.")
    enableSQSTerminationDraining: bool | None = about("Whether events come by a queue.")
    excludeFromLoadBalancers: bool | None = about("Whether a node leaves load balancers before it drains.")
    managedASGTag: str | None = about("Tag of the groups that it looks after.")
    podTerminationGracePeriod: Int32 | None = about("Seconds that pods have; -1 for their own.")
    taintNode: bool | None = about("Whether a node is tainted before it drains.")
    memoryLimit: Quantity | None = about("Memory that its container may use at most.")
    memoryRequest: Quantity | None = about("Memory that its container asks for.")
    cpuRequest: Quantity | None = about("CPU that its container asks for.")
    version: str | None = about("Version to run instead of the one kOps picks.")
    webhookTemplate: str | None = about("Text to post to webhookURL.")
    webhookURL: str | None = about("URL told of each event.")


class WarmPoolSpec(Model):
    """Stopped machines kept ready to start."""

    minSize: Nonzero[Int64] = about("Machines in the pool at least.")
    maxSize: Int64 | None = about("Machines in group and pool together at most.")
    enableLifecycleHook: Nonzero[bool] = about("Whether a machine joins the pool only once it is set up.")
    lifecycleHookTimeout: Int32 | None = about("Seconds that setting up may take.")
    additionalImages: list[str] | None = about("Images to pull beforehand.")


class RollingUpdate(Model):
    """Limits of a rolling update."""

    drainAndTerminate: bool | None = about("Whether machines are drained and ended, or only marked.")
    maxUnavailable: IntOrString | None = about("Machines that may be missing, number or percentage.")
    maxSurge: IntOrString | None = about("Machines that may be added, number or percentage.")
