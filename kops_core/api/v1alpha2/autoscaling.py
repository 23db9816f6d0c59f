"""autoscaling"""

from kops_core.api.v1alpha2.types import Int32, Int64, IntOrString, Model, Nonzero, Quantity, about


class ClusterAutoscalerConfig(Model):
    """ClusterAutoscalerConfig."""

    enabled: bool | None = about("")
    expander: Nonzero[str] = about("")
    balanceSimilarNodeGroups: bool | None = about("")
    emitPerNodegroupMetrics: bool | None = about("")
    awsUseStaticInstanceList: bool | None = about("")
    ignoreDaemonSetsUtilization: bool | None = about("")
    scaleDownUtilizationThreshold: str | None = about("")
    skipNodesWithCustomControllerPods: bool | None = about("")
    skipNodesWithSystemPods: bool | None = about("")
    skipNodesWithLocalStorage: bool | None = about("")
    newPodScaleUpDelay: str | None = about("")
    scaleDownDelayAfterAdd: str | None = about("")
    scaleDownUnneededTime: str | None = about("")
    scaleDownUnreadyTime: str | None = about("")
    cordonNodeBeforeTerminating: bool | None = about("")
    image: str | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    maxNodeProvisionTime: Nonzero[str] = about("")
    podAnnotations: dict[str, str] | None = about("")
    createPriorityExpanderConfig: bool | None = about("")
    customPriorityExpanderConfig: dict[str, list[str]] | None = about("")


class NodeTerminationHandlerSpec(Model):
    """NodeTerminationHandlerSpec."""

    deleteSQSMsgIfNodeNotFound: bool | None = about("")
    enabled: bool | None = about("")
    enableSpotInterruptionDraining: bool | None = about("")
    enableScheduledEventDraining: bool | None = about("")
    enableRebalanceMonitoring: bool | None = about("")
    enableRebalanceDraining: bool | None = about("")
    enableOutOfServiceTaint: bool | None = about("")
    prometheusEnable: bool | None = about("")
    enableSQSTerminationDraining: bool | None = about("")
    excludeFromLoadBalancers: bool | None = about("")
    managedASGTag: str | None = about("")
    podTerminationGracePeriod: Int32 | None = about("")
    taintNode: bool | None = about("")
    memoryLimit: Quantity | None = about("")
    memoryRequest: Quantity | None = about("")
    cpuRequest: Quantity | None = about("")
    version: str | None = about("")
    webhookTemplate: str | None = about("")
    webhookURL: str | None = about("")


class WarmPoolSpec(Model):
    """WarmPoolSpec."""

    minSize: Nonzero[Int64] = about("")
    maxSize: Int64 | None = about("")
    enableLifecycleHook: Nonzero[bool] = about("")
    lifecycleHookTimeout: Int32 | None = about("")
    additionalImages: list[str] | None = about("")


class RollingUpdate(Model):
    """RollingUpdate."""

    drainAndTerminate: bool | None = about("")
    maxUnavailable: IntOrString | None = about("")
    maxSurge: IntOrString | None = about("")
