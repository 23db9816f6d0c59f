"""The machine types of a region, with the zones that offer each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.session import AwsSession
from kops_core.infer.create.selection import MachineType

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import InstanceTypeInfoTypeDef


def read_machine_types(aws: AwsSession) -> list[MachineType]:
    """I/O. All machine types. Raises CloudError."""
    offered: dict[str, set[str]] = {}
    with translated("reading machine types"):
        types = [
            each
            for page in aws.ec2.get_paginator("describe_instance_types").paginate()
            for each in page["InstanceTypes"]
        ]
        offers = aws.ec2.get_paginator("describe_instance_type_offerings")
        for page in offers.paginate(LocationType="availability-zone"):
            for offer in page["InstanceTypeOfferings"]:
                offered.setdefault(offer["InstanceType"], set()).add(offer["Location"])
    return [_machine_type(each, frozenset(offered.get(each["InstanceType"], ()))) for each in types]


def _machine_type(item: InstanceTypeInfoTypeDef, zones: frozenset[str]) -> MachineType:
    gpus, network = item.get("GpuInfo", {}), item.get("NetworkInfo", {})
    return MachineType(
        name=item["InstanceType"],
        architectures=tuple(item.get("ProcessorInfo", {}).get("SupportedArchitectures", ())),
        vcpus=item.get("VCpuInfo", {}).get("DefaultVCpus", 0),
        memory_mib=item.get("MemoryInfo", {}).get("SizeInMiB", 0),
        gpus=sum(each.get("Count", 0) for each in gpus.get("Gpus", [])),
        gpu_memory_mib=gpus.get("TotalGpuMemoryInMiB", 0),
        interfaces=network.get("MaximumNetworkInterfaces", 0),
        zones=zones,
        usage_classes=tuple(item.get("SupportedUsageClasses", ())),
        placement=tuple(item.get("PlacementGroupInfo", {}).get("SupportedStrategies", ())),
        ena=network.get("EnaSupport") in ("supported", "required"),
        burstable=item.get("BurstablePerformanceSupported", False),
        bare_metal=item.get("BareMetal", False),
        fpga=bool(item.get("FpgaInfo")),
    )
