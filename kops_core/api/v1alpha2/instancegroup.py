"""instancegroup"""

from typing import Literal

from kops_core.api.v1alpha2.autoscaling import RollingUpdate, WarmPoolSpec
from kops_core.api.v1alpha2.containerd import ContainerdConfig
from kops_core.api.v1alpha2.kubelet import KubeletConfigSpec
from kops_core.api.v1alpha2.machine import FileAssetSpec, HookSpec
from kops_core.api.v1alpha2.metadata import ObjectMeta
from kops_core.api.v1alpha2.types import (
    UNUSED,
    Always,
    Duration,
    Int16,
    Int32,
    Int64,
    Lost,
    Model,
    Nonzero,
    Quantity,
    about,
)


class InstanceMetadataOptions(Model):
    """InstanceMetadataOptions."""

    httpPutResponseHopLimit: Int64 | None = about("")
    httpTokens: str | None = about("")


class MinMaxSpec(Model):
    """MinMaxSpec."""

    max: Quantity | None = about("")
    min: Quantity | None = about("")


class InstanceRequirementsSpec(Model):
    """InstanceRequirementsSpec."""

    cpu: MinMaxSpec | None = about("")
    memory: MinMaxSpec | None = about("")
    excludedInstanceTypes: list[str] | None = about("")


class MixedInstancesPolicySpec(Model):
    """MixedInstancesPolicySpec."""

    instances: list[str] | None = about("")
    instanceRequirements: InstanceRequirementsSpec | None = about("")
    onDemandAllocationStrategy: str | None = about("")
    onDemandBase: Int64 | None = about("")
    onDemandAboveBase: Int64 | None = about("")
    spotAllocationStrategy: str | None = about("")
    spotInstancePools: Int64 | None = about("")


class UserData(Model):
    """UserData."""

    name: Nonzero[str] = about("")
    type: Nonzero[str] = about("")
    content: Nonzero[str] = about("")


class VolumeSpec(Model):
    """VolumeSpec."""

    deleteOnTermination: bool | None = about("")
    device: Nonzero[str] = about("")
    encrypted: bool | None = about("")
    iops: Int64 | None = about("")
    throughput: Int64 | None = about("")
    key: str | None = about("")
    size: Nonzero[Int64] = about("")
    type: Nonzero[str] = about("")


class VolumeMountSpec(Model):
    """VolumeMountSpec."""

    device: Nonzero[str] = about("")
    filesystem: Nonzero[str] = about("")
    formatOptions: list[str] | None = about("")
    mountOptions: list[str] | None = about("")
    path: Nonzero[str] = about("")


class IAMProfileSpec(Model):
    """IAMProfileSpec."""

    profile: str | None = about("")


class LoadBalancerSpec(Model):
    """LoadBalancerSpec."""

    loadBalancerName: str | None = about("")
    targetGroupArn: str | None = about("")


class AcceleratorConfig(Model):
    """AcceleratorConfig."""

    acceleratorCount: Nonzero[Int64] = about("")
    acceleratorType: Nonzero[str] = about("")


class InstanceGroupSpec(Model):
    """InstanceGroupSpec."""

    manager: Nonzero[str] = about("")
    role: Nonzero[str] = about("")
    image: Nonzero[str] = about("")
    minSize: Int32 | None = about("")
    maxSize: Int32 | None = about("")
    autoscale: bool | None = about("")
    autoscalePriority: Nonzero[Int16] = about("")
    machineType: Nonzero[str] = about("")
    rootVolumeSize: Int32 | None = about("")
    rootVolumeType: str | None = about("")
    rootVolumeIops: Int32 | None = about("")
    rootVolumeThroughput: Int32 | None = about("")
    rootVolumeOptimization: bool | None = about("")
    rootVolumeDeleteOnTermination: Lost[bool] = about(UNUSED)
    rootVolumeEncryption: bool | None = about("")
    rootVolumeEncryptionKey: str | None = about("")
    volumes: list[VolumeSpec] | None = about("")
    volumeMounts: list[VolumeMountSpec] | None = about("")
    subnets: list[str] | None = about("")
    zones: list[str] | None = about("")
    hooks: list[HookSpec] | None = about("")
    maxPrice: str | None = about("")
    spotDurationInMinutes: Int64 | None = about("")
    cpuCredits: str | None = about("")
    associatePublicIp: bool | None = about("")
    additionalSecurityGroups: list[str] | None = about("")
    cloudLabels: dict[str, str] | None = about("")
    nodeLabels: dict[str, str] | None = about("")
    fileAssets: list[FileAssetSpec] | None = about("")
    tenancy: Nonzero[str] = about("")
    kubelet: KubeletConfigSpec | None = about("")
    taints: list[str] | None = about("")
    mixedInstancesPolicy: MixedInstancesPolicySpec | None = about("")
    capacityRebalance: bool | None = about("")
    additionalUserData: list[UserData] | None = about("")
    suspendProcesses: list[str] | None = about("")
    externalLoadBalancers: list[LoadBalancerSpec] | None = about("")
    detailedInstanceMonitoring: bool | None = about("")
    iam: IAMProfileSpec | None = about("")
    securityGroupOverride: str | None = about("")
    instanceProtection: bool | None = about("")
    sysctlParameters: list[str] | None = about("")
    rollingUpdate: RollingUpdate | None = about("")
    instanceInterruptionBehavior: str | None = about("")
    compressUserData: bool | None = about("")
    instanceMetadata: InstanceMetadataOptions | None = about("")
    updatePolicy: str | None = about("")
    warmPool: WarmPoolSpec | None = about("")
    containerd: ContainerdConfig | None = about("")
    packages: list[str] | None = about("")
    guestAccelerators: list[AcceleratorConfig] | None = about("")
    maxInstanceLifetime: Duration | None = about("")
    gcpProvisioningModel: str | None = about("")


class InstanceGroup(Model):
    """InstanceGroup."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["InstanceGroup"]
    metadata: Always[ObjectMeta] = about("")
    spec: Always[InstanceGroupSpec] = about("")
