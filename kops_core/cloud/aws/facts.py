"""What an account and region hold, read with few calls side by side, in the form that inference takes.

The lists and their fields are those of a facts document (``kops_core.infer.facts``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.errors import code_of, translated
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.ports import FactsWanted
from kops_core.errors import CloudNotFound
from kops_core.model.aws.images import OWNERS

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import ImageTypeDef, InstanceTypeInfoTypeDef

USUAL_TYPES = ("t3.medium", "c5.large", "c4.large", "t4g.medium", "t3.micro", "t2.micro", "t4g.micro")
"""Machine types that kOps chooses among where none is written: always looked up."""
_SSM = "ssm:"


class AwsFacts:
    """A FactsReader over one session."""

    def __init__(self, aws: AwsSession) -> None:
        self._aws = aws

    def read(self, wanted: FactsWanted) -> Tree:
        """The facts as a document of lists. Raises CloudError, CloudNotFound for what is named and absent."""
        questions: dict[str, Callable[[], Value]] = {
            "zones": self._zones,
            "hostedZones": self._hosted_zones,
            "images": lambda: self._images(wanted.images),
            "instanceTypes": lambda: self._instance_types(wanted.instance_types),
            "instanceProfiles": lambda: [self._profile(name) for name in wanted.instance_profiles],
            "buckets": lambda: [self._bucket(name) for name in wanted.buckets],
        }
        with ThreadPoolExecutor(self._aws.settings.threads, "facts") as pool, translated("cloud facts"):
            network = pool.submit(self._network, wanted)
            answers: dict[str, Future[Value]] = {name: pool.submit(ask) for name, ask in questions.items()}
            facts: Tree = {
                "provider": "aws",
                "region": self._aws.region,
                "account": self._aws.account,
                "partition": self._aws.partition,
                **{name: answer.result() for name, answer in answers.items()},
                **network.result(),
            }
        return facts

    def _zones(self) -> Value:
        found = self._aws.ec2.describe_availability_zones(
            Filters=[{"Name": "opt-in-status", "Values": ["opt-in-not-required", "opted-in"]}]
        )
        return [zone["ZoneName"] for zone in found["AvailabilityZones"] if zone.get("State") == "available"]

    def _hosted_zones(self) -> Value:
        zones: list[Value] = []
        for zone in _pages(self._aws.route53, "list_hosted_zones", "HostedZones"):
            private = bool(zone.get("Config", {}).get("PrivateZone"))
            vpcs: list[Value] = []
            if private:
                vpcs = [vpc["VPCId"] for vpc in self._aws.route53.get_hosted_zone(Id=zone["Id"])["VPCs"]]
            zones.append(
                {
                    "id": zone["Id"].removeprefix("/hostedzone/"),
                    "name": zone["Name"].removesuffix("."),
                    "private": private,
                    "vpcs": vpcs,
                }
            )
        return zones

    def _images(self, names: Iterable[str]) -> Value:
        found: dict[str, Value] = {}
        for name in names:
            for image in self._image(name):
                found[image["ImageId"]] = _image_fact(image, name)
        return list(found.values())

    def _image(self, name: str) -> Sequence[ImageTypeDef]:
        """The newest image that a name stands for; none where there is none."""
        if name.startswith(_SSM):
            parameter = self._aws.ssm.get_parameter(Name=name.removeprefix(_SSM))
            images = _pages(
                self._aws.ec2, "describe_images", "Images", ImageIds=[parameter["Parameter"]["Value"]]
            )
        elif name.startswith("ami-"):
            images = _pages(self._aws.ec2, "describe_images", "Images", ImageIds=[name])
        else:
            owner, slash, rest = name.partition("/")
            images = _pages(
                self._aws.ec2,
                "describe_images",
                "Images",
                Owners=[OWNERS.get(owner, owner) if slash else "self"],
                Filters=[{"Name": "name", "Values": [rest if slash else name]}],
            )
        newest = max(images, key=lambda image: str(image.get("CreationDate", "")), default=None)
        return [newest] if newest is not None else []

    def _instance_types(self, names: Iterable[str]) -> Value:
        asked = sorted({*names, *USUAL_TYPES})
        # A filter, not InstanceTypes: one that the region does not have is no error.
        named = [{"Name": "instance-type", "Values": asked}]
        types = list(_pages(self._aws.ec2, "describe_instance_types", "InstanceTypes", Filters=named))
        zones: dict[str, list[str]] = {}
        for offer in _pages(
            self._aws.ec2,
            "describe_instance_type_offerings",
            "InstanceTypeOfferings",
            LocationType="availability-zone",
            Filters=named,
        ):
            zones.setdefault(offer["InstanceType"], []).append(offer["Location"])
        return [_type_fact(each, zones.get(each["InstanceType"], [])) for each in types]

    def _profile(self, name: str) -> Tree:
        try:
            profile = self._aws.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
        except self._aws.iam.exceptions.NoSuchEntityException as error:
            raise CloudNotFound(
                "there is no such instance profile", where=name, remedy="check spec.iam.profile"
            ) from error
        return {"name": name, "roles": [role["RoleName"] for role in profile["Roles"]]}

    def _bucket(self, name: str) -> Tree:
        location: str | None = self._aws.s3.get_bucket_location(Bucket=name)["LocationConstraint"]
        return {"name": name, "region": location or "us-east-1"}

    def _network(self, wanted: FactsWanted) -> Tree:
        """The user's own networks, and what lies in them; nothing is asked where none is named."""
        vpcs = list(wanted.vpcs)
        if wanted.subnets and not vpcs:
            vpcs = sorted(
                {
                    subnet["VpcId"]
                    for subnet in _pages(
                        self._aws.ec2, "describe_subnets", "Subnets", SubnetIds=list(wanted.subnets)
                    )
                }
            )
        if not vpcs:
            return {"vpcs": [], "subnets": []}
        inside = [{"Name": "vpc-id", "Values": vpcs}]
        ec2 = self._aws.ec2
        gateways = {
            attachment["VpcId"]: gateway["InternetGatewayId"]
            for gateway in _pages(
                ec2,
                "describe_internet_gateways",
                "InternetGateways",
                Filters=[{"Name": "attachment.vpc-id", "Values": vpcs}],
            )
            for attachment in gateway["Attachments"]
        }
        egress_only = {
            attachment["VpcId"]: gateway["EgressOnlyInternetGatewayId"]
            for gateway in _pages(ec2, "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways")
            for attachment in gateway["Attachments"]
        }
        return {
            "vpcs": [
                _without_none(
                    id=vpc["VpcId"],
                    cidr=vpc["CidrBlock"],
                    tags=_tags(vpc.get("Tags", [])),
                    internetGateway=gateways.get(vpc["VpcId"]),
                    egressOnlyInternetGateway=egress_only.get(vpc["VpcId"]),
                )
                for vpc in _pages(ec2, "describe_vpcs", "Vpcs", VpcIds=vpcs)
            ],
            "subnets": [
                {
                    "id": each["SubnetId"],
                    "vpc": each["VpcId"],
                    "zone": each["AvailabilityZone"],
                    "cidr": each["CidrBlock"],
                }
                for each in _pages(ec2, "describe_subnets", "Subnets", Filters=inside)
            ],
            "routeTables": [
                {
                    "id": each["RouteTableId"],
                    "vpc": each["VpcId"],
                    "subnets": [link["SubnetId"] for link in each["Associations"] if "SubnetId" in link],
                }
                for each in _pages(ec2, "describe_route_tables", "RouteTables", Filters=inside)
            ],
            "securityGroups": [
                {"id": each["GroupId"], "name": each["GroupName"], "vpc": each["VpcId"]}
                for each in _pages(ec2, "describe_security_groups", "SecurityGroups", Filters=inside)
            ],
            "natGateways": [
                {
                    "id": each["NatGatewayId"],
                    "subnet": each["SubnetId"],
                    "allocation": next((a["AllocationId"] for a in each["NatGatewayAddresses"]), ""),
                }
                for each in _pages(ec2, "describe_nat_gateways", "NatGateways", Filters=inside)
            ],
        }


def _image_fact(image: ImageTypeDef, asked: str) -> Tree:
    owner = asked.partition("/")[0]
    return _without_none(
        id=image["ImageId"],
        name=image.get("Name"),
        ownerId=image.get("OwnerId"),
        ownerAlias=owner if owner in OWNERS else None,
        ssmParameter=asked if asked.startswith(_SSM) else None,
        architecture=image.get("Architecture"),
        rootDeviceName=image.get("RootDeviceName"),
        creationDate=image.get("CreationDate"),
    )


def _type_fact(each: InstanceTypeInfoTypeDef, zones: Sequence[str]) -> Tree:
    network = each.get("NetworkInfo", {})
    gpus = sum(gpu.get("Count", 0) for gpu in each.get("GpuInfo", {}).get("Gpus", []))
    disks: list[Value] = [
        {"count": disk.get("Count", 0), "sizeGB": disk.get("SizeInGB", 0)}
        for disk in each.get("InstanceStorageInfo", {}).get("Disks", [])
    ]
    return _without_none(
        name=each["InstanceType"],
        architectures=list(each.get("ProcessorInfo", {}).get("SupportedArchitectures", [])),
        vcpus=each.get("VCpuInfo", {}).get("DefaultVCpus"),
        memoryMiB=each.get("MemoryInfo", {}).get("SizeInMiB"),
        maxNetworkInterfaces=network.get("MaximumNetworkInterfaces"),
        ipv4AddressesPerInterface=network.get("Ipv4AddressesPerInterface"),
        gpus=gpus or None,
        instanceStorage=disks or None,
        zones=sorted(zones),
    )


def _pages(client: Any, operation: str, key: str, **parameters: Any) -> Iterator[Any]:
    """Every item of every page of a list. Raises CloudNotFound for an id that does not exist."""
    try:
        for page in client.get_paginator(operation).paginate(**parameters):
            yield from page[key]
    except ClientError as error:
        if code_of(error).endswith((".NotFound", ".Malformed")):
            raise CloudNotFound(
                error.response.get("Error", {}).get("Message", "it does not exist"),
                where=operation,
                remedy="check the id in the spec, and that this is the right account and region",
            ) from error
        raise


def _tags(tags: Iterable[Mapping[str, str]]) -> Tree:
    return {tag["Key"]: tag["Value"] for tag in tags}


def _without_none(**fields: Any) -> Tree:
    return {name: value for name, value in fields.items() if value is not None}
