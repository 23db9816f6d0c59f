"""Patches of the emulator: each case fails on the emulator alone, and passes in the sandbox.

The first half of each case is there to fail when the emulator mends the gap: then the patch goes.
"""

from __future__ import annotations

import base64
import uuid
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError

from kops_core.cloud.sandbox.process import Sandbox

pytestmark = pytest.mark.full

if TYPE_CHECKING:
    from mypy_boto3_autoscaling import AutoScalingClient
    from mypy_boto3_autoscaling.type_defs import AutoScalingGroupTypeDef
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_ec2.type_defs import RequestLaunchTemplateDataTypeDef
    from mypy_boto3_elbv2 import ElasticLoadBalancingv2Client
    from mypy_boto3_iam import IAMClient
    from mypy_boto3_route53 import Route53Client
    from mypy_boto3_route53.literals import ChangeActionType
    from mypy_boto3_route53.type_defs import ResourceRecordSetUnionTypeDef
    from mypy_boto3_ssm import SSMClient

IMAGE = "ami-785db401"
CONFIG = Config(retries={"max_attempts": 0})


class Clients:
    """Of one server."""

    def __init__(self, sandbox: Sandbox) -> None:
        session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=sandbox.region)
        url = sandbox.endpoint_url
        self.autoscaling: AutoScalingClient = session.client("autoscaling", endpoint_url=url, config=CONFIG)
        self.ec2: EC2Client = session.client("ec2", endpoint_url=url, config=CONFIG)
        self.elbv2: ElasticLoadBalancingv2Client = session.client("elbv2", endpoint_url=url, config=CONFIG)
        self.iam: IAMClient = session.client("iam", endpoint_url=url, config=CONFIG)
        self.route53: Route53Client = session.client("route53", endpoint_url=url, config=CONFIG)
        self.ssm: SSMClient = session.client("ssm", endpoint_url=url, config=CONFIG)


class Account:
    """What the cases need made, under a name of its own."""

    def __init__(self, clients: Clients) -> None:
        self.name = f"c-{uuid.uuid4().hex[:8]}"
        self.autoscaling, self.ec2, self.elbv2 = clients.autoscaling, clients.ec2, clients.elbv2
        self.iam, self.route53, self.ssm = clients.iam, clients.route53, clients.ssm

    @cached_property
    def vpc(self) -> str:
        return self.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]

    @cached_property
    def subnets(self) -> list[str]:
        return [self.subnet(number, zone) for number, zone in enumerate("abc")]

    @cached_property
    def security_group(self) -> str:
        return self.another_group("nodes")

    @cached_property
    def template(self) -> str:
        data = self.data("v1")
        made = self.ec2.create_launch_template(LaunchTemplateName=self.name, LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def subnet(self, number: int, zone: str) -> str:
        made = self.ec2.create_subnet(
            VpcId=self.vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        return made["Subnet"]["SubnetId"]

    @cached_property
    def subnet_without_ipv4(self) -> str:
        self.ec2.associate_vpc_cidr_block(VpcId=self.vpc, AmazonProvidedIpv6CidrBlock=True)
        (block,) = self.ec2.describe_vpcs(VpcIds=[self.vpc])["Vpcs"][0]["Ipv6CidrBlockAssociationSet"]
        made = self.ec2.create_subnet(
            VpcId=self.vpc,
            Ipv6CidrBlock=block["Ipv6CidrBlock"].replace("/56", "/64"),
            Ipv6Native=True,
            AvailabilityZone="us-east-1a",
        )
        return made["Subnet"]["SubnetId"]

    def another_group(self, name: str) -> str:
        made = self.ec2.create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return made["GroupId"]

    def data(self, user_data: str) -> RequestLaunchTemplateDataTypeDef:
        return {
            "ImageId": IMAGE,
            "InstanceType": "t3.medium",
            "UserData": base64.b64encode(user_data.encode()).decode(),
            "NetworkInterfaces": [
                {"DeviceIndex": 0, "DeleteOnTermination": True, "Groups": [self.security_group]}
            ],
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 50, "VolumeType": "gp3"}}
            ],
            "TagSpecifications": [
                {"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": self.name}]},
                {"ResourceType": "volume", "Tags": [{"Key": "Name", "Value": self.name}]},
            ],
        }

    def new_version(self) -> None:
        self.ec2.create_launch_template_version(
            LaunchTemplateId=self.template, LaunchTemplateData=self.data("v2")
        )
        self.ec2.modify_launch_template(LaunchTemplateId=self.template, DefaultVersion="2")

    def make_group(self, *, version: str = "$Latest", targets: Sequence[str] = ()) -> None:
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            MinSize=3,
            MaxSize=4,
            VPCZoneIdentifier=",".join(self.subnets),
            TargetGroupARNs=targets,
            LaunchTemplate={"LaunchTemplateId": self.template, "Version": version},
        )

    def make_mixed_group(self) -> None:
        self.autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=self.name,
            MinSize=3,
            MaxSize=4,
            VPCZoneIdentifier=",".join(self.subnets),
            MixedInstancesPolicy={
                "LaunchTemplate": {
                    "LaunchTemplateSpecification": {
                        "LaunchTemplateId": self.template,
                        "Version": "$Latest",
                    },
                    "Overrides": [{"InstanceType": "m5.large"}, {"InstanceType": "t3.large"}],
                },
                "InstancesDistribution": {"OnDemandPercentageAboveBaseCapacity": 0},
            },
        )

    @property
    def group(self) -> AutoScalingGroupTypeDef:
        found = self.autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[self.name])
        return found["AutoScalingGroups"][0]

    @property
    def members(self) -> list[str]:
        return [instance["InstanceId"] for instance in self.group["Instances"]]

    @property
    def member_versions(self) -> list[str]:
        return sorted(instance["LaunchTemplate"].get("Version", "") for instance in self.group["Instances"])


def refused(call: Callable[[], object]) -> str:
    """The error code of a call that AWS refuses; "" if it went through."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"]
    return ""


# Launch templates and auto-scaling groups


def instances_launch_from_a_later_version(aws: Account) -> bool:
    _ = aws.template
    aws.new_version()
    aws.make_group()
    user_data = aws.ec2.describe_instance_attribute(InstanceId=aws.members[0], Attribute="userData")
    return base64.b64decode(user_data["UserData"]["Value"]) == b"v2"


def instances_launch_from_the_groups_version(aws: Account) -> bool:
    aws.ec2.create_launch_template_version(LaunchTemplateId=aws.template, LaunchTemplateData=aws.data("v2"))
    aws.make_group(version="$Latest")  # while the default is still the first
    return aws.member_versions == ["2", "2", "2"]


def each_instance_tells_the_version_it_was_launched_from(aws: Account) -> bool:
    aws.make_group()
    aws.new_version()
    before = aws.member_versions
    aws.ec2.terminate_instances(InstanceIds=aws.members[:1])
    return (before, aws.member_versions) == (["1", "1", "1"], ["1", "1", "2"])


def a_terminated_instance_is_replaced_by_one_of_the_new_version(aws: Account) -> bool:
    aws.make_group()
    aws.new_version()
    old = aws.members
    aws.autoscaling.terminate_instance_in_auto_scaling_group(
        InstanceId=old[0], ShouldDecrementDesiredCapacity=False
    )
    aws.autoscaling.detach_instances(
        AutoScalingGroupName=aws.name, InstanceIds=[old[1]], ShouldDecrementDesiredCapacity=False
    )
    return aws.member_versions == ["1", "2", "2"] and len(set(aws.members) & set(old)) == 1


def instances_spread_over_the_subnets(aws: Account) -> bool:
    aws.make_group()
    return {instance["AvailabilityZone"][-1] for instance in aws.group["Instances"]} == {"a", "b", "c"}


def instances_carry_groups_and_volumes_of_their_template(aws: Account) -> bool:
    aws.make_group()
    instance = aws.ec2.describe_instances(InstanceIds=aws.members[:1])["Reservations"][0]["Instances"][0]
    volumes = aws.ec2.describe_volumes(
        Filters=[{"Name": "attachment.instance-id", "Values": aws.members[:1]}]
    )["Volumes"]
    groups = [group["GroupId"] for group in instance["NetworkInterfaces"][0]["Groups"]]
    return groups == [aws.security_group] and [
        (volume["Size"], volume.get("Tags")) for volume in volumes
    ] == [(50, [{"Key": "Name", "Value": aws.name}])]


def a_mixed_group_has_no_template_of_its_own(aws: Account) -> bool:
    aws.make_mixed_group()
    kinds = {instance.get("InstanceType") for instance in aws.group["Instances"]}
    return "LaunchTemplate" not in aws.group and kinds == {"m5.large"}


def an_update_of_sizes_keeps_the_mixed_policy(aws: Account) -> bool:
    aws.make_mixed_group()
    before = aws.group["MixedInstancesPolicy"]
    aws.autoscaling.update_auto_scaling_group(AutoScalingGroupName=aws.name, MaxSize=5)
    return aws.group.get("MixedInstancesPolicy") == before


def a_group_is_created_once(aws: Account) -> bool:
    aws.make_group()
    return refused(aws.make_group) == "AlreadyExists"


def a_group_with_instances_is_deleted_by_force_only(aws: Account) -> bool:
    aws.make_group()
    code = refused(lambda: aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=aws.name))
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=aws.name, ForceDelete=True)
    return code == "ResourceInUse"


def a_warm_pool_of_no_group_is_a_validation_error(aws: Account) -> bool:
    return (
        refused(lambda: aws.autoscaling.describe_warm_pool(AutoScalingGroupName=aws.name))
        == "ValidationError"
    )


def a_group_keeps_its_lifetime(aws: Account) -> bool:
    aws.make_group()
    aws.autoscaling.update_auto_scaling_group(
        AutoScalingGroupName=aws.name, MaxInstanceLifetime=86400, TerminationPolicies=["OldestInstance"]
    )
    group = aws.group
    return (group.get("MaxInstanceLifetime"), group["TerminationPolicies"]) == (86400, ["OldestInstance"])


def a_replacement_is_registered_with_the_target_groups(aws: Account) -> bool:
    made = aws.elbv2.create_target_group(Name=aws.name, Protocol="TCP", Port=443, VpcId=aws.vpc)
    target_group = made["TargetGroups"][0]["TargetGroupArn"]
    aws.make_group(targets=[target_group])
    aws.ec2.terminate_instances(InstanceIds=aws.members[:1])
    health = aws.elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    return {one["Target"]["Id"] for one in health} >= set(aws.members)


# EC2


def a_protocol_by_number_needs_no_ports(aws: Account) -> bool:
    rules = aws.ec2.authorize_security_group_ingress(
        GroupId=aws.security_group,
        IpPermissions=[{"IpProtocol": "4", "UserIdGroupPairs": [{"GroupId": aws.security_group}]}],
    )["SecurityGroupRules"]
    return [(rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) for rule in rules] == [("4", -1, -1)]


def the_kind_of_host_names_of_a_subnet_is_set(aws: Account) -> bool:
    subnet = aws.subnets[0]
    aws.ec2.modify_subnet_attribute(SubnetId=subnet, PrivateDnsHostnameTypeOnLaunch="resource-name")
    described = aws.ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0]
    return described["PrivateDnsNameOptionsOnLaunch"].get("HostnameType") == "resource-name"


def a_route_table_is_free_when_its_subnet_is_gone(aws: Account) -> bool:
    table = aws.ec2.create_route_table(VpcId=aws.vpc)["RouteTable"]["RouteTableId"]
    subnet = aws.subnets[0]
    aws.ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    in_use = refused(lambda: aws.ec2.delete_route_table(RouteTableId=table))
    aws.ec2.delete_subnet(SubnetId=subnet)
    free = refused(lambda: aws.ec2.delete_route_table(RouteTableId=table))
    return (in_use, free) == ("DependencyViolation", "")


def dhcp_options_are_made_with_tags(aws: Account) -> bool:
    made = aws.ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["x"]}],
        TagSpecifications=[{"ResourceType": "dhcp-options", "Tags": [{"Key": "of", "Value": "the test"}]}],
    )["DhcpOptions"]
    found = aws.ec2.describe_dhcp_options(Filters=[{"Name": "tag-key", "Values": ["of"]}])["DhcpOptions"]
    return made.get("Tags") == [{"Key": "of", "Value": "the test"}] and len(found) == 1


def dhcp_options_outlive_their_vpc(aws: Account) -> bool:
    made = aws.ec2.create_dhcp_options(DhcpConfigurations=[{"Key": "domain-name", "Values": ["x"]}])
    options = made["DhcpOptions"]["DhcpOptionsId"]
    aws.ec2.associate_dhcp_options(DhcpOptionsId=options, VpcId=aws.vpc)
    in_use = refused(lambda: aws.ec2.delete_dhcp_options(DhcpOptionsId=options))
    aws.ec2.delete_vpc(VpcId=aws.vpc)
    free = refused(lambda: aws.ec2.delete_dhcp_options(DhcpOptionsId=options))
    return (in_use, free) == ("DependencyViolation", "")


def what_is_in_use_is_not_deleted(aws: Account) -> bool:
    aws.make_group()
    referring = aws.another_group("referring")
    aws.ec2.authorize_security_group_ingress(
        GroupId=referring,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "UserIdGroupPairs": [{"GroupId": aws.another_group("referred")}],
            }
        ],
    )
    referred = aws.ec2.describe_security_groups(
        Filters=[{"Name": "vpc-id", "Values": [aws.vpc]}, {"Name": "group-name", "Values": ["referred"]}]
    )["SecurityGroups"][0]["GroupId"]
    return [
        refused(lambda: aws.ec2.delete_security_group(GroupId=aws.security_group)),
        refused(lambda: aws.ec2.delete_security_group(GroupId=referred)),
        refused(lambda: aws.ec2.delete_subnet(SubnetId=aws.subnets[0])),
    ] == ["DependencyViolation"] * 3


def a_vpc_with_a_gateway_is_not_deleted(aws: Account) -> bool:
    gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=aws.vpc)
    attached = refused(lambda: aws.ec2.delete_vpc(VpcId=aws.vpc))
    aws.ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=aws.vpc)
    return (attached, refused(lambda: aws.ec2.delete_vpc(VpcId=aws.vpc))) == ("DependencyViolation", "")


def a_terminated_group_lets_its_network_go(aws: Account) -> bool:
    aws.make_group()
    busy = refused(lambda: aws.ec2.delete_subnet(SubnetId=aws.subnets[0]))
    aws.autoscaling.delete_auto_scaling_group(AutoScalingGroupName=aws.name, ForceDelete=True)
    for subnet in aws.subnets:
        aws.ec2.delete_subnet(SubnetId=subnet)
    aws.ec2.delete_security_group(GroupId=aws.security_group)
    aws.ec2.delete_vpc(VpcId=aws.vpc)
    return busy == "DependencyViolation"


def reserved_instances_name_zones(aws: Account) -> bool:
    offerings = aws.ec2.describe_reserved_instances_offerings(InstanceType="m5.large")
    found = {one.get("AvailabilityZone", "") for one in offerings["ReservedInstancesOfferings"]}
    kinds = {one["InstanceType"] for one in offerings["ReservedInstancesOfferings"]}
    return kinds == {"m5.large"} and {"us-east-1a", "us-east-1b", "us-east-1c"} <= found and "" not in found


def a_repeated_request_makes_one_thing(aws: Account) -> bool:
    token = aws.name
    volumes = {
        aws.ec2.create_volume(AvailabilityZone="us-east-1a", Size=1, ClientToken=token)["VolumeId"]
        for _ in range(2)
    }
    other = refused(lambda: aws.ec2.create_volume(AvailabilityZone="us-east-1a", Size=2, ClientToken=token))
    templates = {
        aws.ec2.create_launch_template(
            LaunchTemplateName=aws.name, LaunchTemplateData=aws.data(""), ClientToken=token
        )["LaunchTemplate"]["LaunchTemplateId"]
        for _ in range(2)
    }
    return (len(volumes), len(templates), other) == (1, 1, "IdempotentParameterMismatch")


def new_dhcp_options_are_tagged(aws: Account) -> bool:
    aws.ec2.create_dhcp_options(
        DhcpConfigurations=[{"Key": "domain-name", "Values": ["x"]}],
        TagSpecifications=[{"ResourceType": "dhcp-options", "Tags": [{"Key": "Name", "Value": aws.name}]}],
    )
    found = aws.ec2.describe_dhcp_options(Filters=[{"Name": "tag:Name", "Values": [aws.name]}])
    return len(found["DhcpOptions"]) == 1


def an_address_in_use_is_not_released(aws: Account) -> bool:
    allocation = aws.ec2.allocate_address(Domain="vpc")["AllocationId"]
    made = aws.ec2.create_nat_gateway(SubnetId=aws.subnets[0], AllocationId=allocation)
    in_use = refused(lambda: aws.ec2.release_address(AllocationId=allocation))
    aws.ec2.delete_nat_gateway(NatGatewayId=made["NatGateway"]["NatGatewayId"])
    free = refused(lambda: aws.ec2.release_address(AllocationId=allocation))
    aws.ec2.delete_subnet(SubnetId=aws.subnets[0])
    return (in_use, free) == ("InvalidIPAddress.InUse", "")


# Load balancers, Route 53


def a_load_balancer_is_made_once(aws: Account) -> bool:
    def make(subnets: list[str]) -> str:
        made = aws.elbv2.create_load_balancer(Name=aws.name, Type="network", Subnets=subnets)
        return made["LoadBalancers"][0]["LoadBalancerArn"]

    same = make(aws.subnets[:2]) == make(aws.subnets[:2])
    return same and refused(lambda: make(aws.subnets[:1])) == "DuplicateLoadBalancerName"


def a_network_load_balancer_may_keep_one_zone(aws: Account) -> bool:
    made = aws.elbv2.create_load_balancer(Name=aws.name, Type="network", Subnets=aws.subnets)
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    aws.elbv2.set_subnets(LoadBalancerArn=arn, Subnets=aws.subnets[:1])
    found = aws.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
    return [each["SubnetId"] for each in found["AvailabilityZones"]] == aws.subnets[:1]


def metrics_are_added_and_taken_away(aws: Account) -> bool:
    aws.make_group()

    def enable(*names: str) -> None:
        aws.autoscaling.enable_metrics_collection(
            AutoScalingGroupName=aws.name, Granularity="1Minute", Metrics=list(names)
        )

    enable("GroupMinSize", "GroupMaxSize")
    enable("GroupTotalInstances")
    aws.autoscaling.disable_metrics_collection(AutoScalingGroupName=aws.name, Metrics=["GroupMinSize"])
    return {each["Metric"] for each in aws.group["EnabledMetrics"]} == {"GroupMaxSize", "GroupTotalInstances"}


def a_load_balancer_has_an_interface_in_each_subnet(aws: Account) -> bool:
    def where() -> list[str]:
        filters = [{"Name": "description", "Values": [f"ELB net/{aws.name}/*"]}]
        found = aws.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]  # type: ignore[arg-type]
        return sorted(each["SubnetId"] for each in found if each["PrivateIpAddress"])

    made = aws.elbv2.create_load_balancer(Name=aws.name, Type="network", Subnets=aws.subnets[:2])
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]
    first = where()
    aws.elbv2.set_subnets(LoadBalancerArn=arn, SubnetMappings=[{"SubnetId": each} for each in aws.subnets])
    then = where()
    aws.elbv2.delete_load_balancer(LoadBalancerArn=arn)
    return (first, then, where()) == (sorted(aws.subnets[:2]), sorted(aws.subnets), [])


def a_load_balancer_has_the_addresses_that_it_was_given(aws: Account) -> bool:
    made = aws.elbv2.create_load_balancer(
        Name=aws.name,
        Type="network",
        Scheme="internal",
        SubnetMappings=[{"SubnetId": aws.subnets[0], "PrivateIPv4Address": "10.9.0.20"}],
    )
    arn = made["LoadBalancers"][0]["LoadBalancerArn"]

    def addresses() -> list[list[str]]:
        found = aws.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        return [
            [one["PrivateIPv4Address"] for one in each["LoadBalancerAddresses"]]
            for each in found["AvailabilityZones"]
        ]

    filters = [{"Name": "description", "Values": [f"ELB net/{aws.name}/*"]}]
    found = aws.ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]  # type: ignore[arg-type]
    private = [each["PrivateIpAddress"] for each in found]
    return (addresses(), private) == ([["10.9.0.20"]], ["10.9.0.20"])


def a_port_has_one_listener(aws: Account) -> bool:
    balancer = aws.elbv2.create_load_balancer(Name=aws.name, Type="network", Subnets=aws.subnets)
    arn = balancer["LoadBalancers"][0]["LoadBalancerArn"]
    targets = [
        aws.elbv2.create_target_group(Name=f"{aws.name}-{number}", Protocol="TCP", Port=443, VpcId=aws.vpc)[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        for number in range(2)
    ]

    def listen(target: str) -> str:
        made = aws.elbv2.create_listener(
            LoadBalancerArn=arn,
            Port=443,
            Protocol="TCP",
            DefaultActions=[{"Type": "forward", "TargetGroupArn": target}],
        )
        return made["Listeners"][0]["ListenerArn"]

    same = listen(targets[0]) == listen(targets[0])
    return same and refused(lambda: listen(targets[1])) == "DuplicateListener"


def a_record_is_created_once_and_deleted_once(aws: Account) -> bool:
    made = aws.route53.create_hosted_zone(Name=f"{aws.name}.example", CallerReference=aws.name)
    zone = made["HostedZone"]["Id"]

    def change(action: ChangeActionType, value: str = "203.0.113.123", host: str = "api") -> str:
        record: ResourceRecordSetUnionTypeDef = {
            "Name": f"{host}.{aws.name}.example",
            "Type": "A",
            "TTL": 60,
            "ResourceRecords": [{"Value": value}],
        }
        return refused(
            lambda: aws.route53.change_resource_record_sets(
                HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
            )
        )

    change("CREATE", host="later-in-the-alphabet")
    said = [change("CREATE"), change("CREATE", "203.0.113.1"), change("UPSERT"), change("DELETE")]
    again = [change("DELETE"), change("CREATE"), change("CREATE")]
    no = "InvalidChangeBatch"
    return [*said, *again] == ["", no, "", "", no, "", no]


# Pages, IAM, Systems Manager


def launch_templates_are_not_cut_off(aws: Account) -> bool:
    for number in range(17):
        aws.ec2.create_launch_template(
            LaunchTemplateName=f"{aws.name}-{number}", LaunchTemplateData={"ImageId": IMAGE}
        )
    pages = aws.ec2.get_paginator("describe_launch_templates")
    names = [
        template["LaunchTemplateName"]
        for page in pages.paginate(PaginationConfig={"PageSize": 5})
        for template in page["LaunchTemplates"]
        if template["LaunchTemplateName"].startswith(aws.name)
    ]
    return len(names) == len(set(names)) == 17


def a_launch_template_has_the_tags_that_it_has_now(aws: Account) -> bool:
    made = aws.ec2.create_launch_template(LaunchTemplateName=aws.name, LaunchTemplateData={"ImageId": IMAGE})[
        "LaunchTemplate"
    ]
    aws.ec2.create_tags(Resources=[made["LaunchTemplateId"]], Tags=[{"Key": "team", "Value": "a"}])
    (found,) = aws.ec2.describe_launch_templates(LaunchTemplateNames=[aws.name])["LaunchTemplates"]
    return found.get("Tags") == [{"Key": "team", "Value": "a"}]


def tags_come_in_pages(aws: Account) -> bool:
    aws.make_group()
    aws.autoscaling.create_or_update_tags(
        Tags=[
            {
                "ResourceId": aws.name,
                "ResourceType": "auto-scaling-group",
                "Key": f"k{number}",
                "Value": aws.name,
                "PropagateAtLaunch": True,
            }
            for number in range(5)
        ]
    )
    filters = [{"Name": "value", "Values": [aws.name]}]
    pages = list(
        aws.autoscaling.get_paginator("describe_tags").paginate(
            Filters=filters,  # type: ignore[arg-type]
            PaginationConfig={"PageSize": 2},
        )
    )
    keys = [tag.get("Key") for page in pages for tag in page["Tags"]]
    first = aws.ec2.describe_tags(Filters=[{"Name": "value", "Values": [aws.name]}], MaxResults=5)
    return [len(page["Tags"]) for page in pages] == [2, 2, 1] and len(set(keys)) == 5 and "NextToken" in first


def nat_gateways_are_filtered_by_tags(aws: Account) -> bool:
    made = [
        aws.ec2.create_nat_gateway(
            SubnetId=aws.subnets[0],
            AllocationId=aws.ec2.allocate_address(Domain="vpc")["AllocationId"],
            TagSpecifications=[{"ResourceType": "natgateway", "Tags": [{"Key": key, "Value": aws.name}]}],
        )["NatGateway"]["NatGatewayId"]
        for key in (f"{aws.name}-a", f"{aws.name}-b")
    ]

    def found(name: str, value: str) -> list[str]:
        filters = [{"Name": name, "Values": [value]}]
        pages = aws.ec2.get_paginator("describe_nat_gateways").paginate(Filters=filters)  # type: ignore[arg-type]
        return [each["NatGatewayId"] for page in pages for each in page["NatGateways"]]

    by_key, by_value = found("tag-key", f"{aws.name}-a"), found(f"tag:{aws.name}-b", aws.name)
    return [by_key, by_value] == [[made[0]], [made[1]]]


def tags_of_an_instance_profile_are_listed(aws: Account) -> bool:
    tags = [{"Key": "KubernetesCluster", "Value": "c"}]
    aws.iam.create_instance_profile(InstanceProfileName=aws.name, Tags=tags)  # type: ignore[arg-type]
    return aws.iam.list_instance_profile_tags(InstanceProfileName=aws.name)["Tags"] == tags


def a_public_parameter_names_the_ubuntu_image(aws: Account) -> bool:
    name = "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"
    try:
        image = aws.ssm.get_parameter(Name=name)["Parameter"].get("Value", "")
    except aws.ssm.exceptions.ParameterNotFound:
        return False
    return "noble" in aws.ec2.describe_images(ImageIds=[image])["Images"][0].get("Name", "")


def an_ed25519_key_has_a_sha256_fingerprint(aws: Account) -> bool:
    key = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    made = aws.ec2.import_key_pair(KeyName=aws.name, PublicKeyMaterial=key)
    return made["KeyFingerprint"] == "+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU="


def the_block_of_a_subnet_is_associated(aws: Account) -> bool:
    found = aws.ec2.describe_subnets(SubnetIds=[aws.subnet_without_ipv4])["Subnets"][0]
    (block,) = found["Ipv6CidrBlockAssociationSet"]
    return block["Ipv6CidrBlockState"]["State"] == "associated"


def a_subnet_without_ipv4_has_no_such_addresses_left(aws: Account) -> bool:
    (subnet,) = aws.ec2.describe_subnets(SubnetIds=[aws.subnet_without_ipv4])["Subnets"]
    return subnet["AvailableIpAddressCount"] == 0


def an_instance_in_a_subnet_without_ipv4_has_an_ipv6_address_alone(aws: Account) -> bool:
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=aws.name,
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=aws.subnet_without_ipv4,
        LaunchTemplate={"LaunchTemplateId": aws.template, "Version": "$Latest"},
    )
    instance = aws.ec2.describe_instances(InstanceIds=aws.members)["Reservations"][0]["Instances"][0]
    (interface,) = instance["NetworkInterfaces"]
    return (
        len(interface["Ipv6Addresses"]) == 1
        and not interface["PrivateIpAddresses"]
        and instance["PrivateDnsName"] == f"{instance['InstanceId']}.ec2.internal"
    )


def an_instance_has_volumes_with_the_iops_of_its_template(aws: Account) -> bool:
    data = aws.data("v1")
    data["BlockDeviceMappings"] = [
        {"DeviceName": "/dev/sda1", "Ebs": {"VolumeSize": 50, "VolumeType": "io1", "Iops": 400}}
    ]
    aws.ec2.create_launch_template(LaunchTemplateName=aws.name, LaunchTemplateData=data)
    aws.autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=aws.name,
        MinSize=1,
        MaxSize=1,
        VPCZoneIdentifier=aws.subnets[0],
        LaunchTemplate={"LaunchTemplateName": aws.name, "Version": "$Latest"},
    )
    attached = [{"Name": "attachment.instance-id", "Values": aws.members}]
    (volume,) = aws.ec2.describe_volumes(Filters=attached)["Volumes"]  # type: ignore[arg-type]
    return (volume["VolumeType"], volume["Iops"], volume["Size"]) == ("io1", 400, 50)


def a_target_group_may_have_hyphens_side_by_side(aws: Account) -> bool:
    name = f"api--{aws.name}"
    made = aws.elbv2.create_target_group(
        Name=name, Protocol="TCP", Port=443, VpcId=aws.vpc, Tags=[{"Key": "Name", "Value": "api"}]
    )["TargetGroups"][0]["TargetGroupArn"]
    found = aws.elbv2.describe_target_groups(Names=[name])["TargetGroups"]
    tags = aws.elbv2.describe_tags(ResourceArns=[made])["TagDescriptions"][0]["Tags"]
    again = refused(lambda: aws.elbv2.create_target_group(Name=name, Protocol="TCP", Port=443, VpcId=aws.vpc))
    return (
        [each["TargetGroupArn"] for each in found] == [made]
        and tags == [{"Key": "Name", "Value": "api"}]
        and f"/{name}/" in made
        and again == "DuplicateTargetGroupName"
    )


CASES = [
    instances_launch_from_a_later_version,
    instances_launch_from_the_groups_version,
    each_instance_tells_the_version_it_was_launched_from,
    a_terminated_instance_is_replaced_by_one_of_the_new_version,
    instances_spread_over_the_subnets,
    instances_carry_groups_and_volumes_of_their_template,
    a_mixed_group_has_no_template_of_its_own,
    an_update_of_sizes_keeps_the_mixed_policy,
    a_group_is_created_once,
    a_group_with_instances_is_deleted_by_force_only,
    a_warm_pool_of_no_group_is_a_validation_error,
    a_group_keeps_its_lifetime,
    a_replacement_is_registered_with_the_target_groups,
    a_protocol_by_number_needs_no_ports,
    the_kind_of_host_names_of_a_subnet_is_set,
    a_route_table_is_free_when_its_subnet_is_gone,
    dhcp_options_are_made_with_tags,
    dhcp_options_outlive_their_vpc,
    what_is_in_use_is_not_deleted,
    a_vpc_with_a_gateway_is_not_deleted,
    a_terminated_group_lets_its_network_go,
    reserved_instances_name_zones,
    a_repeated_request_makes_one_thing,
    new_dhcp_options_are_tagged,
    an_address_in_use_is_not_released,
    an_ed25519_key_has_a_sha256_fingerprint,
    the_block_of_a_subnet_is_associated,
    a_subnet_without_ipv4_has_no_such_addresses_left,
    an_instance_in_a_subnet_without_ipv4_has_an_ipv6_address_alone,
    an_instance_has_volumes_with_the_iops_of_its_template,
    a_target_group_may_have_hyphens_side_by_side,
    a_load_balancer_is_made_once,
    a_network_load_balancer_may_keep_one_zone,
    metrics_are_added_and_taken_away,
    a_load_balancer_has_an_interface_in_each_subnet,
    a_load_balancer_has_the_addresses_that_it_was_given,
    a_port_has_one_listener,
    a_record_is_created_once_and_deleted_once,
    launch_templates_are_not_cut_off,
    a_launch_template_has_the_tags_that_it_has_now,
    tags_come_in_pages,
    nat_gateways_are_filtered_by_tags,
    tags_of_an_instance_profile_are_listed,
    a_public_parameter_names_the_ubuntu_image,
]


@pytest.fixture(scope="module")
def in_the_sandbox(sandbox: Sandbox) -> Clients:
    return Clients(sandbox)


@pytest.fixture(scope="module")
def in_the_emulator(emulator: Sandbox) -> Clients:
    return Clients(emulator)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_sandbox_does_as_aws_does(case: Callable[[Account], bool], in_the_sandbox: Clients) -> None:
    assert case(Account(in_the_sandbox))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_the_emulator_alone_does_not(case: Callable[[Account], bool], in_the_emulator: Clients) -> None:
    """When this fails the emulator has mended the gap: remove the patch."""
    try:
        like_aws = case(Account(in_the_emulator))
    except (ResponseParserError, ClientError, KeyError):
        like_aws = False
    assert not like_aws
