"""The InstanceGroup kind."""

from typing import Annotated, Literal

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
    OneOf,
    Quantity,
    about,
)


class InstanceMetadataOptions(Model):
    """EC2's instance metadata."""

    httpPutResponseHopLimit: Int64 | None = about("Hops that an answer may take; 1 keeps it from pods.")
    httpTokens: Annotated[str, OneOf(("optional", "required"))] | None = about("Whether a token is needed.")


class MinMaxSpec(Model):
    """Bounds."""

    max: Quantity | None = about("Upper bound.")
    min: Quantity | None = about("Lower bound.")


class InstanceRequirementsSpec(Model):
    """Required attributes of instance types."""

    cpu: MinMaxSpec | None = about("Number of CPUs.")
    memory: MinMaxSpec | None = about("Amount of memory.")
    excludedInstanceTypes: list[str] | None = about("Instance types left out; * stands for anything.")


class MixedInstancesPolicySpec(Model):
    """Several instance types, and spot, in one group."""

    instances: list[str] | None = about("Instance types.")
    instanceRequirements: InstanceRequirementsSpec | None = about("What instance types must have.")
    onDemandAllocationStrategy: str | None = about("How on-demand types are chosen.")
    onDemandBase: Int64 | None = about("Machines that are on demand first.")
    onDemandAboveBase: Int64 | None = about("Percentage of the others that are on demand.")
    spotAllocationStrategy: (
        Annotated[
            str,
            OneOf(
                (
                    "lowest-price",
                    "diversified",
                    "capacity-optimized",
                    "capacity-optimized-prioritized",
                    "price-capacity-optimized",
                )
            ),
        ]
        | None
    ) = about("How spot types are chosen.")
    spotInstancePools: Int64 | None = about("Spot pools to spread over.")


class UserData(Model):
    """A part of user data."""

    name: Nonzero[str] = about("Name, unique in its list.")
    type: Nonzero[str] = about("MIME type of the part.")
    content: Nonzero[str] = about("The part.")


class VolumeSpec(Model):
    """A further volume."""

    deleteOnTermination: bool | None = about("Whether it goes with the machine.")
    device: Nonzero[str] = about("Device name.")
    encrypted: bool | None = about("Whether it is encrypted.")
    iops: Int64 | None = about("IOPS.")
    throughput: Int64 | None = about("Throughput, MB/s.")
    key: str | None = about("KMS key that encrypts it.")
    size: Nonzero[Int64] = about("Size, GB.")
    type: Nonzero[str] = about("Kind of volume.")


class VolumeMountSpec(Model):
    """Mount of a volume."""

    device: Nonzero[str] = about("Device name.")
    filesystem: Nonzero[Annotated[str, OneOf(("btfs", "ext4", "xfs"))]] = about("File system to make.")
    formatOptions: list[str] | None = about("Options for making it.")
    mountOptions: list[str] | None = about("Options for mounting it.")
    path: Nonzero[str] = about("Where it is mounted.")


class IAMProfileSpec(Model):
    """An instance profile of your own."""

    profile: str | None = about("Its ARN.")


class LoadBalancerSpec(Model):
    """A load balancer of your own."""

    loadBalancerName: str | None = about("Name of a classic load balancer.")
    targetGroupArn: str | None = about("ARN of a target group.")


class AcceleratorConfig(Model):
    """An accelerator of GCE."""

    acceleratorCount: Nonzero[Int64] = about("How many.")
    acceleratorType: Nonzero[str] = about("Which.")


class InstanceGroupSpec(Model):
    """Desired state of a group of machines."""

    manager: Nonzero[Annotated[str, OneOf(("CloudGroup", "Karpenter"))]] = about("What starts the machines.")
    role: Nonzero[
        Annotated[
            str,
            OneOf(("Master", "Node", "Bastion", "APIServer", "Etcd", "Scheduler", "KubeControllerManager")),
        ]
    ] = about("What the machines are for.")
    image: Nonzero[str] = about("Image of the machines: owner/name, AMI id, or ssm:path.")
    minSize: Int32 | None = about("Machines at least.")
    maxSize: Int32 | None = about("Machines at most.")
    autoscale: bool | None = about("Whether the cluster autoscaler may size the group.")
    autoscalePriority: Nonzero[Int16] = about("Priority for the autoscaler's priority expander.")
    machineType: Nonzero[str] = about("Instance type.")
    rootVolumeSize: Int32 | None = about("Size of the root volume, GB.")
    rootVolumeType: Annotated[str, OneOf(("standard", "gp3", "gp2", "io1", "io2"))] | None = about(
        "Kind of root volume."
    )
    rootVolumeIops: Int32 | None = about("IOPS of the root volume.")
    rootVolumeThroughput: Int32 | None = about("Throughput of the root volume, MB/s.")
    rootVolumeOptimization: bool | None = about("Whether machines are EBS-optimized.")
    rootVolumeDeleteOnTermination: Lost[bool] = about(UNUSED)
    rootVolumeEncryption: bool | None = about("Whether the root volume is encrypted.")
    rootVolumeEncryptionKey: str | None = about("KMS key of the root volume.")
    volumes: list[VolumeSpec] | None = about("Further volumes.")
    volumeMounts: list[VolumeMountSpec] | None = about("Where volumes are mounted.")
    subnets: list[str] | None = about("Names of the cluster's subnets to stand in.")
    zones: list[str] | None = about("Zones to stand in, where subnets are regional.")
    hooks: list[HookSpec] | None = about("Units or containers to run on machines.")
    maxPrice: str | None = about("Highest spot price; unset for on-demand.")
    spotDurationInMinutes: Int64 | None = about("Minutes that a spot machine is kept.")
    cpuCredits: Annotated[str, OneOf(("standard", "unlimited"))] | None = about("Credits of burstable types.")
    associatePublicIp: bool | None = about("Whether machines have public addresses.")
    additionalSecurityGroups: list[str] | None = about("Ids of security groups to attach besides kOps' own.")
    cloudLabels: dict[str, str] | None = about("Tags for the cloud resources.")
    nodeLabels: dict[str, str] | None = about("Labels of the nodes.")
    fileAssets: list[FileAssetSpec] | None = about("Files to place on machines.")
    tenancy: Nonzero[Annotated[str, OneOf(("default", "dedicated", "host"))]] = about(
        "Tenancy of the machines."
    )
    kubelet: KubeletConfigSpec | None = about("Kubelet of these nodes.")
    taints: list[str] | None = about("Taints of the nodes.")
    mixedInstancesPolicy: MixedInstancesPolicySpec | None = about(
        "Several instance types, and spot, in one group."
    )
    capacityRebalance: bool | None = about("Whether spot machines at risk are replaced early.")
    additionalUserData: list[UserData] | None = about("More parts of user data.")
    suspendProcesses: list[str] | None = about("Auto-scaling processes to suspend.")
    externalLoadBalancers: list[LoadBalancerSpec] | None = about("Load balancers to register with.")
    detailedInstanceMonitoring: bool | None = about("Whether metrics come every minute.")
    iam: IAMProfileSpec | None = about("An instance profile of your own.")
    securityGroupOverride: str | None = about("Id of a security group to use in place of kOps' own.")
    instanceProtection: bool | None = about("Whether machines are protected from scaling in.")
    sysctlParameters: list[str] | None = about("Kernel parameters as name=value.")
    rollingUpdate: RollingUpdate | None = about("How many machines a rolling update may take at once.")
    instanceInterruptionBehavior: Annotated[str, OneOf(("hibernate", "stop", "terminate"))] | None = about(
        "What an interruption does to a spot machine."
    )
    compressUserData: bool | None = about("Whether parts of user data are compressed.")
    instanceMetadata: InstanceMetadataOptions | None = about("EC2's instance metadata.")
    updatePolicy: Annotated[str, OneOf(("automatic", "external"))] | None = about(
        "Whether machines install operating system updates by themselves."
    )
    warmPool: WarmPoolSpec | None = about("Stopped machines kept ready to start; AWS only.")
    containerd: ContainerdConfig | None = about("Container runtime of these machines.")
    packages: list[str] | None = about("Packages to install.")
    guestAccelerators: list[AcceleratorConfig] | None = about("Accelerators of GCE.")
    maxInstanceLifetime: Duration | None = about("Age at which a machine is replaced.")
    gcpProvisioningModel: Annotated[str, OneOf(("STANDARD", "SPOT"))] | None = about(
        "Whether GCE machines are spot."
    )


class InstanceGroup(Model):
    """Machines of one kind."""

    apiVersion: Literal["kops.k8s.io/v1alpha2"]
    kind: Literal["InstanceGroup"]
    metadata: Always[ObjectMeta] = about("Name and labels of the object.")
    spec: Always[InstanceGroupSpec] = about("What the machines are to be.")
