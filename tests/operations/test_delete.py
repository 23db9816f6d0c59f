"""Deleting a cluster leaves the account as it was found, whatever happens on the way."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from kops_core.errors import Refused
from kops_core.model.build import DesiredState
from kops_core.operations import journal
from kops_core.operations.events import Event, Phase, StepChanged
from kops_core.plan.changes import Action
from tests.aws.account import READING, Account, Killed
from tests.aws.clusters import IMAGE, desired
from tests.operations.deleting import delete, ids, listing, planned, without_hints
from tests.operations.test_kill import EVERY_CALL, KillSwitch

pytestmark = pytest.mark.full

CASE, NAME = "minimal", "minimal.example.com"
CALLS = frozenset(
    {
        "DeleteAutoScalingGroup",
        "DeleteLaunchTemplate",
        "DeleteRolePolicy",
        "DeleteVpc",
        "DetachInternetGateway",
        "RevokeSecurityGroupIngress",
    }
)
"""Kinds of calls that a deletion is killed at, one after the other."""

Apply = Callable[[str], DesiredState]


@pytest.fixture(scope="module")
def keys() -> dict[str, bytes]:
    """Keys of all clusters: they are slow to make, and their making is not what is tested here."""
    return {}


@pytest.fixture
def apply(account: Account, keys: dict[str, bytes], tmp_path: Path) -> Apply:
    """Applies one of our clusters, perhaps under another name: ``case as name``."""

    def apply_now(text: str) -> DesiredState:
        case, _, name = text.partition(" as ")
        cluster = desired(case, account.zone, None, **({NAME: name} if name else {}))
        return put_up(account, cluster, tmp_path, keys)

    return apply_now


def put_up(account: Account, cluster: DesiredState, folder: Path, keys: dict[str, bytes]) -> DesiredState:
    for key, data in keys.items():
        account.store.put(f"{cluster.cluster}/{key}", data)
    applied = account.apply(cluster, folder / "apply" / cluster.cluster)
    assert applied.ok, applied.failed
    made = [key for key in account.store.keys(cluster.cluster) if "/pki/" in key]
    keys |= {key.partition("/")[2]: account.store.read(key).data for key in made}
    return cluster


@pytest.fixture
def standing(
    shared_account: Account, keys: dict[str, bytes], tmp_path: Path, kept: dict[str, str]
) -> Account:
    """An account with an applied cluster; tests that use it leave the cluster as it was."""
    if kept.get("zone") != shared_account.zone:
        shared_account.reset()
        put_up(shared_account, desired(CASE, shared_account.zone), tmp_path, keys)
        kept["zone"] = shared_account.zone
    return shared_account


@pytest.fixture(scope="module")
def kept() -> dict[str, str]:
    """The hosted zone of the account that stands: another one says that somebody began anew."""
    return {}


@pytest.mark.parametrize(
    "case",
    [
        "privatecilium",
        pytest.param("addons", marks=pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full: slow")),
    ],
)
def test_the_account_is_as_it_was_found(case: str, account: Account, apply: Apply, tmp_path: Path) -> None:
    before = listing(account)
    cluster = apply(case)
    outcome = delete(account, cluster.cluster, tmp_path / "delete")
    assert outcome.ok, outcome.failed
    assert listing(account) == before
    assert planned(account, cluster.cluster).changes == ()


def test_what_is_shared_stays_as_it_was(account: Account, keys: dict[str, bytes], tmp_path: Path) -> None:
    """The network is the operator's: it, its tags and its routes are left as they were found."""
    ec2 = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="172.20.0.0/16")["Vpc"]["VpcId"]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="172.20.32.0/19", AvailabilityZone="us-east-1a")
    id_ = subnet["Subnet"]["SubnetId"]
    ec2.create_tags(Resources=[vpc, id_], Tags=[{"Key": "team", "Value": "net"}])
    before = listing(account)
    cluster = desired("sharedsubnet", account.zone, vpc_12345678=vpc, subnet_12345678=id_)
    put_up(account, cluster, tmp_path, keys)
    found = planned(account, cluster.cluster, frozenset({vpc, id_}))
    assert set(ids(found, Action.RETAIN)) >= {vpc, id_}
    assert not {vpc, id_, gateway} & set(ids(found))
    outcome = delete(account, cluster.cluster, tmp_path / "delete", named=frozenset({vpc, id_}))
    assert outcome.ok, outcome.failed
    assert without_hints(listing(account)) == before


@pytest.mark.parametrize("owned", [True, False])
def test_a_subnet_without_tags_goes_by_its_cidr_and_only_where_it_is_surely_ours(
    owned: bool, account: Account
) -> None:
    ec2 = account.aws.ec2
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    mark = {"Key": "kubernetes.io/cluster/c.example.com", "Value": "owned"}
    ec2.create_tags(Resources=[vpc, table] if owned else [table], Tags=[mark])  # type: ignore[list-item]

    def subnet(number: int) -> str:
        made = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.7.{number}.0/24")
        return made["Subnet"]["SubnetId"]

    routed, unrouted, others = subnet(1), subnet(2), subnet(3)
    for each in (routed, others):
        ec2.associate_route_table(RouteTableId=table, SubnetId=each)
    wanted = frozenset({"10.7.1.0/24", "10.7.2.0/24"})
    named = frozenset({vpc}) if not owned else frozenset[str]()
    going = set(ids(planned(account, "c.example.com", named, wanted)))
    assert going & {routed, unrouted, others} == ({routed, unrouted} if owned else {routed})
    none = ids(planned(account, "c.example.com", named))
    assert not set(none) & {routed, unrouted, others}


@pytest.mark.parametrize(
    "moment",
    [
        "after",
        pytest.param(
            "before", marks=pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full kills there too")
        ),
    ],
)
def test_killed_at_each_kind_of_call_it_goes_on(
    moment: str, account: Account, apply: Apply, tmp_path: Path
) -> None:
    before = listing(account)
    cluster = apply(CASE)
    kinds = {change.key.kind for change in planned(account, cluster.cluster).pending}
    switch = KillSwitch()
    switch.by_name = {(moment, operation) for operation in CALLS}
    runs = 0
    while True:
        switch.dead, switch.count = False, 0
        account.fault = switch
        try:
            outcome = delete(account, cluster.cluster, tmp_path / "delete")
            break
        except Killed:
            runs += 1
        finally:
            account.fault = lambda moment, service, operation: None
    assert outcome.ok, outcome.failed
    assert len(kinds) > 12
    assert runs > 3
    assert not switch.by_name
    assert listing(account) == before
    (history,) = journal.read_all(tmp_path / "delete")
    assert history.finished


@pytest.mark.skipif(not EVERY_CALL, reason="KOPS_SWEEP=full kills at each single call")
@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_at_each_call_it_goes_on(moment: str, account: Account, apply: Apply, tmp_path: Path) -> None:
    empty = listing(account)
    cluster = apply(CASE)
    account.calls.clear()
    assert delete(account, cluster.cluster, tmp_path / "counted").ok
    calls = [call.operation for call in account.calls if not call.operation.startswith(READING)]
    for number in range(len(calls)):
        cluster = apply(CASE)
        switch = KillSwitch()
        switch.targets = [(moment, number)]
        account.fault = switch
        try:
            assert not delete(account, cluster.cluster, tmp_path / f"{number}").ok
        except Killed:
            pass
        finally:
            account.fault = lambda moment, service, operation: None
        assert delete(account, cluster.cluster, tmp_path / f"{number}").ok
        assert listing(account) == empty, f"killed {moment} call {number}"


def test_throttled_and_refused_calls_are_made_again(
    account: Account, apply: Apply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    before = listing(account)
    cluster = apply("addons")
    chance, lock, refused = random.Random(7), threading.Lock(), 0

    def fault(moment: str, service: str, operation: str) -> None:
        nonlocal refused
        with lock:
            if moment == "before" and not operation.startswith(READING) and chance.random() < 0.2:
                refused += 1
                code = "Throttling" if refused % 2 else "DependencyViolation"
                raise ClientError({"Error": {"Code": code, "Message": "a test said so"}}, operation)

    account.fault = fault
    events: list[Event] = []
    outcome = delete(account, cluster.cluster, tmp_path / "delete", events=events)
    account.fault = lambda moment, service, operation: None
    assert outcome.ok, outcome.failed
    assert refused > 5
    notes = [each.note for each in events if isinstance(each, StepChanged) and each.phase is Phase.RETRYING]
    assert notes
    assert all("s left" in note for note in notes)
    assert listing(account) == before


def test_what_the_spec_names_stays_though_its_tags_say_otherwise(standing: Account) -> None:
    (vpc,) = ids(planned(standing, NAME), kind="VPC")
    found = planned(standing, NAME, frozenset({vpc}))
    assert vpc in ids(found, Action.RETAIN)


def test_somebody_elses_things_in_the_way_are_named_and_nothing_is_touched(
    standing: Account, tmp_path: Path
) -> None:
    account = standing
    going = planned(account, NAME)
    subnet = ids(going, kind="Subnet")[0]
    group = ids(going, kind="SecurityGroup")[0]
    ec2 = account.aws.ec2
    made = ec2.run_instances(ImageId=IMAGE, MinCount=1, MaxCount=1, SubnetId=subnet, InstanceType="t3.micro")
    instance = made["Instances"][0]["InstanceId"]
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    theirs = ec2.create_security_group(GroupName="theirs", Description="x", VpcId=other)["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=theirs, IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}]
    )
    before = listing(account)
    with pytest.raises(Refused) as refused:
        delete(account, NAME, tmp_path / "delete")
    text = str(refused.value)
    assert instance in text
    assert theirs in text
    assert "terminate it" in text
    assert "revoke sgr-" in text
    assert listing(account) == before
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.delete_security_group(GroupId=theirs)
    assert ids(planned(account, NAME), Action.BLOCKED) == []


def test_what_controllers_made_goes_too_and_what_two_clusters_claim_stays(
    account: Account, apply: Apply, tmp_path: Path
) -> None:
    apply(CASE)
    going = planned(account, NAME)
    subnet = ids(going, kind="Subnet")[0]
    mark = f"kubernetes.io/cluster/{NAME}"
    account.aws.elb.create_load_balancer(
        LoadBalancerName="a1b2",
        Listeners=[{"Protocol": "TCP", "LoadBalancerPort": 80, "InstancePort": 80}],
        Subnets=[subnet],
        SecurityGroups=ids(going, kind="SecurityGroup")[:1],
        Tags=[{"Key": mark, "Value": "owned"}],
    )
    balancer: Any = account.aws.elbv2.create_load_balancer(
        Name="k8s-web",
        Subnets=[subnet],
        Type="network",
        Tags=[{"Key": "elbv2.k8s.aws/cluster", "Value": NAME}],
    )
    zone = "us-east-1a"
    claim = account.aws.ec2.create_volume(
        AvailabilityZone=zone,
        Size=1,
        TagSpecifications=[{"ResourceType": "volume", "Tags": [{"Key": mark, "Value": "owned"}]}],
    )["VolumeId"]
    both = account.aws.ec2.create_volume(
        AvailabilityZone=zone,
        Size=1,
        TagSpecifications=[
            {
                "ResourceType": "volume",
                "Tags": [
                    {"Key": mark, "Value": "owned"},
                    {"Key": "kubernetes.io/cluster/b.example.com", "Value": "owned"},
                ],
            }
        ],
    )["VolumeId"]
    found = planned(account, NAME)
    ours = set(ids(found))
    assert {"a1b2", claim, balancer["LoadBalancers"][0]["LoadBalancerArn"]} <= ours
    assert ids(found, Action.RETAIN) == [both]
    outcome = delete(account, NAME, tmp_path / "delete")
    assert outcome.ok, outcome.failed
    assert [each["VolumeId"] for each in account.aws.ec2.describe_volumes()["Volumes"]] == [both]


def test_a_neighbour_of_a_similar_name_is_untouched(account: Account, apply: Apply, tmp_path: Path) -> None:
    """Names that end with the cluster's, with and without a dot before it."""
    name = NAME
    neighbours = [f"x.{name}", *([f"a{name}"] if EVERY_CALL else [])]
    for neighbour in neighbours:
        assert apply(f"{CASE} as {neighbour}").cluster == neighbour
    before = listing(account)
    cluster = apply(CASE)
    assert delete(account, cluster.cluster, tmp_path / "delete").ok
    assert listing(account) == before
    assert account.plan(desired(CASE, account.zone, None, **{name: neighbours[0]}))[0].empty


def test_the_state_goes_after_all_else_and_not_after_a_failure(
    account: Account, apply: Apply, tmp_path: Path
) -> None:
    cluster = apply(CASE)
    done: list[bool] = []
    state = {"mem://there": lambda: done.append(bool(planned(account, cluster.cluster).changes))}

    def denied(moment: str, service: str, operation: str) -> None:
        if moment == "before" and operation == "DeleteVpc":
            raise ClientError({"Error": {"Code": "UnauthorizedOperation", "Message": "no"}}, operation)

    account.fault = denied
    failed = delete(account, cluster.cluster, tmp_path / "delete", state=state)
    account.fault = lambda moment, service, operation: None
    assert not failed.ok
    assert [step for step in failed.failed if not step.startswith("VPC/")] == []
    assert done == []
    assert delete(account, cluster.cluster, tmp_path / "delete", state=state).ok
    assert done == [False]
