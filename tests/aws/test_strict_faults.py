"""What AWS does and the emulator does not, met by one resource at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.aws.call_context import CallContext
from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.discovery.deletion import delete
from kops_core.cloud.aws.fact_query import FactQuery
from kops_core.cloud.aws.facts import AwsFacts
from kops_core.cloud.aws.meanings import TABLE, Meaning, meaning_of
from kops_core.cloud.aws.resources.network import EgressOnlyInternetGateway, InternetGateway
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.cloud.sandbox.strict import StrictAccount
from kops_core.cloud.sandbox.strict.account import Failure
from kops_core.errors import CloudConflict
from kops_core.model.build import DesiredState
from kops_core.operations.events import Event, Phase, StepChanged
from kops_core.plan.snapshot import DiscoveredResource, Observed
from tests.aws.account import Account
from tests.aws.clusters import IMAGE, desired

pytestmark = pytest.mark.full


def _cloud(account: Account) -> AwsCloud:
    store = ClusterStore.of(account.store, {}, "c", account.open_other)
    return AwsCloud(account.aws, store, "c", now=lambda: dt.datetime.now(dt.UTC))


def _said(events: list[Event], kind: str) -> set[str]:
    steps = [each for each in events if isinstance(each, StepChanged)]
    return {each.note for each in steps if each.step.startswith(f"{kind}/") and each.phase is Phase.RETRYING}


def _wait(account: Account, seconds: float = 60) -> None:
    assert account.aws_clock is not None
    account.aws_clock.sleep(seconds)


def test_an_egress_only_gateway_of_a_route_is_found_by_its_id(
    account: Account, strict: StrictAccount
) -> None:
    ec2: Any = account.aws.ec2
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    made = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]
    id_ = made["EgressOnlyInternetGatewayId"]
    _wait(account)
    there = EgressOnlyInternetGateway(name=id_, shared=True, existing_id=id_)
    none = EgressOnlyInternetGateway(name="eigw-0", shared=True, existing_id="eigw-00000000000000000")
    snapshot = _cloud(account).observe([there, none])
    assert snapshot.errors == ()
    assert {key: each.id for key, each in snapshot.resources.items()} == {there.key: id_}


def test_an_interface_in_use_is_waited_for(account: Account, strict: StrictAccount) -> None:
    ec2: Any = account.aws.ec2
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    machine = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]
    interface = machine["NetworkInterfaces"][0]["NetworkInterfaceId"]
    _wait(account)
    store = ClusterStore.of(account.store, {}, "c", account.open_other)
    work = CallContext(account.aws, store, "c")
    from kops_core.cloud.aws.errors import translated

    with pytest.raises(CloudConflict, match="in use"), translated("x"):
        delete(work, DiscoveredResource("NetworkInterface", interface))


def test_a_gateway_that_is_detached_already_is_deleted(account: Account, strict: StrictAccount) -> None:
    ec2: Any = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    id_ = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    _wait(account)
    _cloud(account).delete(Observed(InternetGateway(name="g", vpc=vpc), id_))
    assert all(
        each["InternetGatewayId"] != id_ for each in ec2.describe_internet_gateways()["InternetGateways"]
    )


def _encrypted(account: Account, key: str) -> DesiredState:
    """A cluster whose etcd volume names a KMS key."""
    name = "      name: us-east-1a\n"
    member = (name, f"{name}      encryptedVolume: true\n      kmsKeyId: {key}\n")
    return desired("minimal-aws", account.zone, member)


def _keys(account: Account) -> tuple[str, str]:
    """ARNs of two keys; ``alias/etcd`` is the first."""
    kms: Any = account.aws.kms
    one, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kms.create_alias(AliasName="alias/etcd", TargetKeyId=one)
    return one, other


SPELLINGS: dict[str, Callable[[str], str]] = {
    "ARN": lambda arn: arn,
    "id": lambda arn: arn.rpartition("/")[2],
    "alias": lambda arn: "alias/etcd",
    "ARN of alias": lambda arn: f"{arn.partition(':key/')[0]}:alias/etcd",
}


@pytest.mark.parametrize("made_with", SPELLINGS)
def test_a_key_may_be_named_in_any_form_and_in_another_one_later(
    made_with: str, account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    one, _ = _keys(account)
    outcome = account.apply(_encrypted(account, SPELLINGS[made_with](one)), tmp_path)
    assert outcome.ok, outcome.failed
    for named, spelling in SPELLINGS.items():
        plan, _ = account.plan(_encrypted(account, spelling(one)))
        assert plan.errors == ()
        assert [each.key for each in plan.pending if each.key.kind == "EBSVolume"] == []
        assert plan.empty is (named == made_with), "the completed spec has the operator's words"


@pytest.mark.parametrize("named", SPELLINGS)
def test_another_key_is_seen_however_it_is_named(
    named: str, account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    """A volume keeps its key, so the plan says that this can't be done."""
    one, other = _keys(account)
    outcome = account.apply(_encrypted(account, one), tmp_path)
    assert outcome.ok, outcome.failed
    kms: Any = account.aws.kms
    kms.update_alias(AliasName="alias/etcd", TargetKeyId=other)
    plan, _ = account.plan(_encrypted(account, SPELLINGS[named](other)))
    assert ["kms_key_id" in each for each in plan.errors] == [True, True]


def test_an_alias_that_is_gone_names_no_key(account: Account, strict: StrictAccount, tmp_path: Path) -> None:
    _keys(account)
    cluster = _encrypted(account, "alias/etcd")
    assert account.apply(cluster, tmp_path).ok
    account.aws.kms.delete_alias(AliasName="alias/etcd")
    plan, _ = account.plan(cluster)
    assert ["kms_key_id" in each for each in plan.errors] == [True, True]


def test_a_deregistered_image_does_not_hide_the_others(account: Account, strict: StrictAccount) -> None:
    facts = AwsFacts(account.aws).read(FactQuery(images=(IMAGE, "ami-0deadbeef0deadbee")))
    assert isinstance(facts["images"], dict)
    assert list(facts["images"]) == [IMAGE]


def test_only_private_zones_that_may_be_the_clusters_are_read(account: Account) -> None:
    route53: Any = account.aws.route53
    vpc = account.aws.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    for name in ("example.com", "other.org", "another.net"):
        route53.create_hosted_zone(
            Name=name,
            CallerReference=name,
            HostedZoneConfig={"PrivateZone": True},
            VPC={"VPCRegion": "us-east-1", "VPCId": vpc},
        )
    account.calls.clear()
    facts = AwsFacts(account.aws).read(FactQuery(dns_names=("c.example.com",)))
    assert [each.operation for each in account.calls].count("GetHostedZone") == 1
    zones: Any = facts["hostedZones"]
    assert sorted((each["name"], each["vpcs"]) for each in zones.values() if each["private"]) == [
        ("another.net", []),
        ("example.com", [vpc]),
        ("other.org", []),
    ]


def test_a_target_that_fails_in_a_good_answer_is_put_again(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster, events = desired("minimal-aws", account.zone), list[Event]()
    strict.failures.append(Failure("EventBridgeTarget", "ConcurrentModificationException", "try again"))
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    assert any("try again" in note for note in _said(events, "EventBridgeTarget"))
    assert account.plan(cluster)[0].empty


def test_a_target_that_is_refused_in_a_good_answer_is_told_of(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    strict.failures.append(Failure("EventBridgeTarget", "ManagedRuleException", "not yours"))
    outcome = account.apply(desired("minimal-aws", account.zone), tmp_path)
    assert [error.what for error in outcome.failed.values()] == [
        "PutTargets: not yours (ManagedRuleException)"
    ]


def test_a_queue_is_made_again_once_its_name_is_free(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster, events = desired("minimal-aws", account.zone), list[Event]()
    assert account.apply(cluster, tmp_path).ok
    (url,) = account.aws.sqs.list_queues()["QueueUrls"]
    account.aws.sqs.delete_queue(QueueUrl=url)
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    assert any("QueueDeletedRecently" in note for note in _said(events, "SQS"))


def test_a_volume_that_fails_is_told_of_and_made_anew(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster = desired("minimal-aws", account.zone)
    strict.failures.append(Failure("Volume", "", ""))
    outcome = account.apply(cluster, tmp_path)
    (error,) = outcome.failed.values()
    assert "KMS key" in error.remedy
    outcome = account.apply(cluster, tmp_path)
    assert outcome.ok, outcome.failed
    assert account.plan(cluster)[0].empty


def test_what_elbv2_and_auto_scaling_do_not_know_yet_is_waited_for(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    events: list[Event] = []
    outcome = account.apply(desired("dnsless", account.zone), tmp_path, events=events)
    assert outcome.ok, outcome.failed
    assert any(
        "SubnetNotFound" in each or "SecurityGroup" in each for each in _said(events, "NetworkLoadBalancer")
    )


def _steps_refused(account: Account, events: list[Event], code: str) -> set[str]:
    """Resources whose call was refused with a code and made again."""
    steps = [each for each in events if isinstance(each, StepChanged) and each.phase is Phase.RETRYING]
    return {each.step for each in steps if code in each.note}


def _private_zone(account: Account) -> str:
    """A private zone of the operator's, associated with a VPC of theirs."""
    other = account.aws.ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
    _wait(account)
    zone: Any = account.aws.route53.create_hosted_zone(
        Name="example.com",
        CallerReference="private",
        VPC={"VPCRegion": "us-east-1", "VPCId": other},
        HostedZoneConfig={"PrivateZone": True},
    )
    return str(zone["HostedZone"]["Id"]).removeprefix("/hostedzone/")


def test_a_private_zone_that_refuses_the_new_vpc_is_associated_with_it_later(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    zone = _private_zone(account)
    ids = {"Z2AFAKE1ZON3NO": zone, "internal.example.com": "example.com"}
    cluster, events = desired("privatedns", account.zone, None, **ids), list[Event]()
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    assert _steps_refused(account, events, "InvalidVPCId")
    plan, snapshot = account.plan(cluster)
    assert plan.empty
    (vpc,) = [each.id for key, each in snapshot.resources.items() if key.kind == "VPC"]
    assert vpc in [each["VPCId"] for each in account.aws.route53.get_hosted_zone(Id=zone)["VPCs"]]


SECOND_BLOCK = (
    "  networkCIDR: 172.20.0.0/16\n",
    "  networkCIDR: 10.1.0.0/16\n  additionalNetworkCIDRs:\n  - 172.20.0.0/16\n",
)
"""The subnets of the cluster lie in the additional block."""


def test_a_subnet_waits_until_the_block_that_it_lies_in_is_associated(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    cluster, events = desired("minimal-aws", account.zone, SECOND_BLOCK), list[Event]()
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    steps = [(each.step.partition("/")[0], each.phase) for each in events if isinstance(each, StepChanged)]
    assert steps.index(("VPCCIDRBlock", Phase.DONE)) < steps.index(("Subnet", Phase.RUNNING))
    assert not _steps_refused(account, events, "InvalidSubnet.Range")
    assert account.plan(cluster)[0].empty


def test_a_subnet_in_a_block_that_the_operator_associates_meanwhile_is_tried_again(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    ec2: Any = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    _wait(account)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    cluster, events = desired("sharedvpc", account.zone, vpc_12345678=vpc), list[Event]()
    ec2.associate_vpc_cidr_block(VpcId=vpc, CidrBlock="172.20.0.0/16")
    outcome = account.apply(cluster, tmp_path, events=events)
    assert outcome.ok, outcome.failed
    refused = _steps_refused(account, events, "InvalidSubnet.Range")
    assert {each.partition("/")[0] for each in refused} == {"Subnet"}
    assert account.plan(cluster)[0].empty


def test_a_subnet_outside_of_every_block_fails_with_its_remedy(
    account: Account, strict: StrictAccount, tmp_path: Path
) -> None:
    assert account.aws_clock is not None
    outside = ("  networkCIDR: 172.20.0.0/16\n", "  networkCIDR: 10.1.0.0/16\n")
    outcome = account.apply(desired("minimal-aws", account.zone, outside), tmp_path)
    (error,) = outcome.failed.values()
    assert "InvalidSubnet.Range" in error.what
    assert "check what it names" in error.remedy


@pytest.mark.parametrize(
    ("code", "message", "operation", "meaning"),
    [
        ("InvalidParameterValue", "Network interface 'eni-1' is currently in use.", "X", Meaning.CONFLICT),
        ("InvalidParameterValue", "Value (x) for parameter y is invalid", "X", Meaning.INVALID),
        ("ValidationError", "not ready", "PutWarmPool", Meaning.DEPENDENCY),
        ("ValidationError", "MinSize is negative", "CreateAutoScalingGroup", Meaning.INVALID),
        ("InvalidVPCId", "m", "AssociateVPCWithHostedZone", Meaning.DEPENDENCY),
        ("VpcLimitExceeded", "m", "CreateVpc", Meaning.QUOTA),
        ("TagLimitExceeded", "m", "CreateTags", Meaning.INVALID),
        ("FilterLimitExceeded", "m", "DescribeVpcs", Meaning.INVALID),
        ("RequestLimitExceeded", "m", "CreateVpc", Meaning.THROTTLED),
        ("BandwidthLimitExceeded", "m", "CreateVpc", Meaning.THROTTLED),
        ("InvalidNatGatewayID.NotFound", "m", "CreateRoute", Meaning.NOT_YET),
        ("InvalidVpcID.NotFound", "m", "CreateSubnet", Meaning.GONE),
        ("ExpiredToken", "m", "CreateVpc", Meaning.EXPIRED),
        ("SomethingNew", "m", "CreateVpc", Meaning.INVALID),
    ],
)
def test_an_error_means_what_the_table_says(
    code: str, message: str, operation: str, meaning: Meaning
) -> None:
    assert meaning_of(code, message, operation) is meaning


def test_every_row_of_the_table_has_a_source_and_decides_something() -> None:
    for row in TABLE:
        assert row.source
        operation = next(iter(row.operations), "X")
        for code in row.codes:
            assert meaning_of(code, row.says, operation) is row.meaning, code
