"""Reads cloud facts from an account, in the form of ``kops_core.infer.facts``.

A few calls in parallel, each for all facts of its kind. Objects that do not exist are left out, so that a
rule that needs one raises MissingFact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.api.values import Tree, Value
from kops_core.cloud.aws.errors import absent, code_of, translated
from kops_core.cloud.aws.fact_query import FactQuery
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession
from kops_core.infer.facts import keyed
from kops_core.infer.images import OWNERS
from kops_core.store.s3_client import region_at

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import FilterTypeDef, ImageTypeDef, InstanceTypeInfoTypeDef

USUAL_TYPES = ("t3.medium", "c5.large", "c4.large", "t4g.medium", "t3.micro", "t2.micro", "t4g.micro")
"""Machine types that kOps chooses from by default."""
_SSM = "ssm:"


class AwsFacts:
    """Reads the facts of the account and region of a session."""

    def __init__(self, aws: AwsSession) -> None:
        self._aws = aws

    def read(self, wanted: FactQuery) -> Tree:
        """The facts by key; ``kops_core.infer.facts.listed`` turns them into a document."""
        readers: dict[str, Callable[[FactQuery], Value]] = {
            "zones": self._zones,
            "hostedZones": self._hosted_zones,
            "images": self._images,
            "network": self._network,
            "instanceTypes": self._instance_types,
            "instanceProfiles": self._instance_profiles,
            "buckets": self._buckets,
        }
        with ThreadPoolExecutor(self._aws.settings.threads, "facts") as pool:
            account = pool.submit(lambda: self._aws.account)
            running = {
                name: pool.submit(self._read_facts, name, read, wanted) for name, read in readers.items()
            }
            facts: Tree = {
                "provider": "aws",
                "region": self._aws.region,
                "account": account.result(),
                "partition": self._aws.partition,
            }
            for name, future in running.items():
                found = future.result()
                if name == "network" and isinstance(found, dict):
                    facts |= found
                else:
                    facts[name] = found
        return keyed(facts)

    def _read_facts(self, name: str, read: Callable[[FactQuery], Value], wanted: FactQuery) -> Value:
        with translated(f"facts.{name}"):
            return read(wanted)

    def _zones(self, _: FactQuery) -> Value:
        zones = self._aws.ec2.describe_availability_zones()["AvailabilityZones"]
        names: list[Value] = [*sorted(zone["ZoneName"] for zone in zones if zone["State"] == "available")]
        return names

    def _hosted_zones(self, wanted: FactQuery) -> Value:
        pages = self._aws.route53.get_paginator("list_hosted_zones").paginate()
        zones: list[Value] = []
        for page in pages:
            for zone in page["HostedZones"]:
                private = zone.get("Config", {}).get("PrivateZone", False)
                id_, name = zone["Id"].removeprefix("/hostedzone/"), zone["Name"].rstrip(".")
                vpcs: list[Value] = []
                if private and _may_be_of(wanted.dns_names, id_, name):
                    attached = self._aws.route53.get_hosted_zone(Id=zone["Id"]).get("VPCs", [])
                    vpcs = [vpc.get("VPCId", "") for vpc in attached]
                zones.append({"id": id_, "name": name, "private": private, "vpcs": vpcs})
        return zones

    def _images(self, wanted: FactQuery) -> Value:
        found: dict[str, dict[str, Value]] = {}
        ids = {image for image in wanted.images if image.startswith("ami-")}
        parameters: dict[str, str] = {}
        for name in (image for image in wanted.images if image.startswith(_SSM)):
            value = self._parameter(name.removeprefix(_SSM))
            if value:
                parameters[value] = name
        if ids | parameters.keys():
            # A filter, unlike a list of ids, does not fail for one that was deregistered.
            by_id = [{"Name": "image-id", "Values": sorted(ids | parameters.keys())}]
            for image in self._described(Filters=by_id, IncludeDeprecated=True):
                found[image["ImageId"]] = _image(image)
        for image_id, name in parameters.items():
            if image_id in found:
                found[image_id]["ssmParameter"] = name
        for name in wanted.images:
            if not name.startswith(("ami-", _SSM)):
                newest = self._newest(name)
                if newest:
                    # EC2 has aliases of few owners; specs use kOps' aliases.
                    found[newest["ImageId"]] = _image(newest, alias=name.partition("/")[0])
        return list(found.values())

    def _parameter(self, name: str) -> str:
        try:
            return self._aws.ssm.get_parameter(Name=name)["Parameter"].get("Value", "")
        except ClientError as error:
            if absent(error):
                return ""
            raise

    def _newest(self, name: str) -> ImageTypeDef | None:
        owner, _, image_name = name.partition("/")
        found = self._described(
            Owners=[OWNERS.get(owner, owner)], Filters=[{"Name": "name", "Values": [image_name]}]
        )
        return max(found, key=lambda image: (image["CreationDate"], image["ImageId"]), default=None)

    def _described(self, **parameters: Any) -> Sequence[ImageTypeDef]:
        try:
            return self._aws.ec2.describe_images(**parameters)["Images"]
        except ClientError as error:
            if absent(error) or code_of(error).startswith("InvalidAMIID"):
                return []
            raise

    def _network(self, wanted: FactQuery) -> Value:
        """The shared VPCs, with their subnets, gateways and route tables."""
        ec2 = self._aws.ec2
        vpc_ids = set(wanted.vpcs)
        subnets: list[Any] = []
        if wanted.subnets:
            subnets = _by(ec2.get_paginator("describe_subnets"), "Subnets", "subnet-id", wanted.subnets)
            vpc_ids |= {subnet["VpcId"] for subnet in subnets}
        if not vpc_ids:
            return {}
        known = {subnet["SubnetId"] for subnet in subnets}
        in_vpcs = _by(ec2.get_paginator("describe_subnets"), "Subnets", "vpc-id", vpc_ids)
        subnets += [subnet for subnet in in_vpcs if subnet["SubnetId"] not in known]
        gateways = _by(
            ec2.get_paginator("describe_internet_gateways"), "InternetGateways", "attachment.vpc-id", vpc_ids
        )
        # Egress-only gateways can't be filtered by their VPC.
        egress_pages: Any = ec2.get_paginator("describe_egress_only_internet_gateways").paginate()
        egress = [each for page in egress_pages for each in page["EgressOnlyInternetGateways"]]
        tables = _by(ec2.get_paginator("describe_route_tables"), "RouteTables", "vpc-id", vpc_ids)
        nats = _by(ec2.get_paginator("describe_nat_gateways"), "NatGateways", "vpc-id", vpc_ids)
        groups = _by(ec2.get_paginator("describe_security_groups"), "SecurityGroups", "vpc-id", vpc_ids)
        vpcs = _by(ec2.get_paginator("describe_vpcs"), "Vpcs", "vpc-id", vpc_ids)
        of_gateway, of_egress = (
            _by_vpc(gateways, "InternetGatewayId"),
            _by_vpc(egress, "EgressOnlyInternetGatewayId"),
        )
        return {
            "vpcs": [
                _set(
                    id=vpc["VpcId"],
                    cidr=vpc["CidrBlock"],
                    tags=dict(tags_of(vpc)),
                    internetGateway=of_gateway.get(vpc["VpcId"]),
                    egressOnlyInternetGateway=of_egress.get(vpc["VpcId"]),
                )
                for vpc in vpcs
            ],
            "subnets": [
                _set(
                    id=subnet["SubnetId"],
                    vpc=subnet["VpcId"],
                    zone=subnet["AvailabilityZone"],
                    cidr=subnet.get("CidrBlock"),
                )
                for subnet in sorted(subnets, key=lambda subnet: str(subnet["SubnetId"]))
            ],
            "routeTables": [
                {
                    "id": table["RouteTableId"],
                    "vpc": table["VpcId"],
                    "subnets": [each["SubnetId"] for each in table["Associations"] if "SubnetId" in each],
                }
                for table in tables
            ],
            "natGateways": [
                _set(
                    id=nat["NatGatewayId"],
                    subnet=nat["SubnetId"],
                    allocation=next(
                        (each.get("AllocationId") for each in nat.get("NatGatewayAddresses", [])), None
                    ),
                )
                for nat in nats
                if nat["State"] in {"pending", "available"}
            ],
            "securityGroups": [
                {"id": group["GroupId"], "name": group["GroupName"], "vpc": group["VpcId"]}
                for group in groups
            ],
        }

    def _instance_types(self, wanted: FactQuery) -> Value:
        names = sorted({*wanted.instance_types, *USUAL_TYPES})
        filters: Sequence[FilterTypeDef] = [{"Name": "instance-type", "Values": names}]
        # A filter, unlike a list of names, does not fail for a type that the region lacks.
        with ThreadPoolExecutor(1, "facts") as beside:
            reading = beside.submit(self._offered, filters)
            pages = self._aws.ec2.get_paginator("describe_instance_types").paginate(Filters=filters)
            types = [each for page in pages for each in page["InstanceTypes"]]
            offered = reading.result()
        return [
            _instance_type(each, offered.get(each["InstanceType"], set()))
            for each in sorted(types, key=lambda each: str(each["InstanceType"]))
        ]

    def _offered(self, filters: Sequence[FilterTypeDef]) -> dict[str, set[str]]:
        """The zones that offer each machine type."""
        offered: dict[str, set[str]] = {}
        pages = self._aws.ec2.get_paginator("describe_instance_type_offerings").paginate(
            LocationType="availability-zone", Filters=filters
        )
        for page in pages:
            for offer in page["InstanceTypeOfferings"]:
                offered.setdefault(offer["InstanceType"], set()).add(offer["Location"])
        return offered

    def _instance_profiles(self, wanted: FactQuery) -> Value:
        found: list[Value] = []
        for name in wanted.instance_profiles:
            try:
                profile = self._aws.iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
            except ClientError as error:
                if absent(error):
                    continue
                raise
            roles: list[Value] = [role["RoleName"] for role in profile["Roles"]]
            found.append({"name": name, "roles": roles})
        return found

    def _buckets(self, wanted: FactQuery) -> Value:
        found: list[Value] = []
        for name in wanted.buckets:
            try:
                answer = self._aws.s3.get_bucket_location(Bucket=name)
            except ClientError as error:
                if absent(error) or code_of(error) == "AccessDenied":
                    continue
                raise
            public = True if self._is_public(name) else None
            found.append(_set(name=name, region=region_at(answer["LocationConstraint"]), public=public))
        return found

    def _is_public(self, bucket: str) -> bool:
        try:
            answer = self._aws.s3.get_bucket_policy_status(Bucket=bucket)
        except ClientError as error:
            # Without permission to read it, the bucket counts as one without a policy, as in kOps.
            if absent(error) or code_of(error) in ("NoSuchBucketPolicy", "AccessDenied"):
                return False
            raise
        return bool(answer["PolicyStatus"].get("IsPublic"))


def _may_be_of(names: Sequence[str], id_: str, zone: str) -> bool:
    """Whether a zone is named, or contains one of the names."""
    plain = [name.removesuffix(".") for name in names]
    return not names or id_ in plain or any(f".{name}".endswith(f".{zone}") for name in plain)


def _by(paginator: Any, path: str, name: str, values: Iterable[str]) -> list[Any]:
    pages = paginator.paginate(Filters=[{"Name": name, "Values": sorted(values)}])
    return [each for page in pages for each in page[path]]


def _by_vpc(gateways: Iterable[Mapping[str, Any]], id_field: str) -> dict[str, str]:
    return {
        str(attachment.get("VpcId")): str(gateway[id_field])
        for gateway in gateways
        for attachment in gateway.get("Attachments", [])
    }


def _set(**values: Value) -> Tree:
    """An object without the fields that have no value."""
    return {name: value for name, value in values.items() if value is not None}


def _image(image: ImageTypeDef, alias: str = "") -> dict[str, Value]:
    return _set(
        id=image["ImageId"],
        name=image.get("Name"),
        ownerId=image.get("OwnerId"),
        ownerAlias=alias or image.get("ImageOwnerAlias"),
        architecture=image.get("Architecture"),
        rootDeviceName=image.get("RootDeviceName"),
        creationDate=image.get("CreationDate"),
    )


def _instance_type(item: InstanceTypeInfoTypeDef, zones: Iterable[str]) -> Tree:
    architectures: list[Value] = list(item.get("ProcessorInfo", {}).get("SupportedArchitectures", []))
    disks: list[Value] = [
        {"count": disk.get("Count", 0), "sizeGB": disk.get("SizeInGB", 0)}
        for disk in item.get("InstanceStorageInfo", {}).get("Disks", [])
    ]
    gpus: list[Value] = [
        _set(name=gpu.get("Name"), manufacturer=gpu.get("Manufacturer"), count=gpu.get("Count"))
        for gpu in item.get("GpuInfo", {}).get("Gpus", [])
    ]
    network = item.get("NetworkInfo", {})
    where: list[Value] = [*sorted(zones)]
    return _set(
        name=item["InstanceType"],
        architectures=architectures,
        vcpus=item.get("VCpuInfo", {}).get("DefaultVCpus"),
        memoryMiB=item.get("MemoryInfo", {}).get("SizeInMiB"),
        maxNetworkInterfaces=network.get("MaximumNetworkInterfaces"),
        ipv4AddressesPerInterface=network.get("Ipv4AddressesPerInterface"),
        instanceStorage=disks or None,
        gpus=gpus or None,
        zones=where or None,
    )
