"""An AWS account (moto) to apply clusters to, with an inventory of its resources and injected faults."""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.limiter import Limiter
from kops_core.cloud.aws.session import AwsSession, AwsSettings, Call
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.errors import StoreError
from kops_core.model.build import DesiredState
from kops_core.operations.apply import ApplySettings, apply
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.plan.changes import Plan
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
from kops_core.store.backend import Backend
from kops_core.store.memory import MemoryBackend
from kops_core.store.s3 import S3Backend
from kops_core.store.state import StateStore

LATENCY = 0.05
"""Seconds of simulated time that a call takes."""
READING = ("Describe", "Get", "List", "Head")


CLIENTS = [
    "ec2",
    "ec2_once",
    "autoscaling",
    "elb",
    "elbv2",
    "events",
    "iam",
    "kms",
    "route53",
    "s3",
    "sqs",
    "ssm",
    "sts",
]
"""The clients of a session."""


class Killed(BaseException):
    """Simulates the death of the process: no code handles it."""


@dataclass
class FakeClock:
    """A clock that only advances by sleeping."""

    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def now(self) -> datetime:
        return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        with self.lock:
            self.seconds += seconds


def clients(session: AwsSession) -> list[Any]:
    """All clients of a session, to register event handlers."""
    return [getattr(session, name) for name in CLIENTS]


class Account:
    """An account and a state store."""

    def __init__(self, session: AwsSession, calls: list[Call], reset: Callable[[], None]) -> None:
        self.aws = session
        self.calls = calls
        self._reset = reset
        self.zone = ""
        self.aws_clock: FakeClock | None = None
        """The default clock of applies; of a strict account it is AWS' clock, too."""
        self.store: Backend = MemoryBackend()
        self.other: dict[str, Backend] = {}
        self.adapters = ADAPTERS
        self.fault: Callable[[str, str, str], None] = lambda moment, service, operation: None
        """Called with "before" or "after", service and operation of each call; may raise."""
        for client in clients(session):
            client.meta.events.register_first("before-send.*", self._before)
            client.meta.events.register("response-received.*", self._after)

    @classmethod
    @contextmanager
    def in_memory(cls) -> Iterator[Self]:
        from moto import mock_aws
        from moto.core.base_backend import BackendDict

        from kops_core.cloud.sandbox.moto_patches import close_gaps

        with mock_aws():
            close_gaps()
            yield cls.open(BackendDict.reset)

    @classmethod
    def open(cls, reset: Callable[[], None], region: str = "") -> Self:
        """Opens an account in a region, by default that of the environment."""
        calls: list[Call] = []
        session = AwsSession.open(AwsSettings(region=region), recorder=calls.append)
        return cls(session, calls, reset)

    def reset(self) -> None:
        self._reset()
        self.fault = lambda moment, service, operation: None
        self.store = MemoryBackend()
        self.other = {}
        self.adapters = ADAPTERS
        self.aws_clock = None
        self.aws.limiter = Limiter(monotonic=self._monotonic, sleep=self.sleep)
        self.calls.clear()
        zone: Any = self.aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")
        self.zone = str(zone["HostedZone"]["Id"]).removeprefix("/hostedzone/")
        self.calls.clear()

    def _monotonic(self) -> float:
        return self.aws_clock.monotonic() if self.aws_clock else time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Advances AWS' time, if it is simulated."""
        if self.aws_clock:
            self.aws_clock.sleep(seconds)

    def _before(self, event_name: str, **rest: object) -> None:
        _, service, operation = event_name.split(".")
        self.sleep(LATENCY)
        self.fault("before", service, operation)

    def _after(self, event_name: str, **rest: object) -> None:
        _, service, operation = event_name.split(".")
        self.fault("after", service, operation)

    def use_s3(self) -> None:
        """Stores the state in a bucket of the account, so that its calls are recorded, too."""
        self.aws.s3.create_bucket(Bucket="kops-state")
        self.store = S3Backend(self.aws.s3, "kops-state", "")
        self.calls.clear()

    def open_other(self, url: str) -> Backend:
        if not url.startswith(("s3://", "memfs://")):
            raise StoreError(f"no such store: {url}")
        return self.other.setdefault(url, MemoryBackend())

    def cloud(self, desired: DesiredState) -> AwsCloud:
        return self.cloud_of(desired.cluster)

    def cloud_of(self, cluster: str) -> AwsCloud:
        backend = StateStore(self.store, author="tester@here").listed(cluster)
        store = ClusterStore.of(backend, {}, cluster, self.open_other)
        return AwsCloud(self.aws, store, cluster, now=lambda: datetime.now(UTC), adapters=self.adapters)

    def plan(self, desired: DesiredState, *, prune: bool = False) -> tuple[Plan, Snapshot]:
        snapshot = self.cloud(desired).observe(desired.resources)
        plan = make_plan(
            desired,
            snapshot,
            cluster=desired.cluster,
            inputs_digest="x",
            now=datetime.now(UTC),
            prune=prune,
        )
        return plan, snapshot

    def apply(
        self,
        desired: DesiredState,
        folder: Path,
        *,
        clock: FakeClock | None = None,
        events: list[Event] | None = None,
        cancel: CancelToken | None = None,
        prune: bool = False,
    ) -> Outcome:
        clock = clock or self.aws_clock or FakeClock()
        plan, snapshot = self.plan(desired, prune=prune)
        operation = f"{random.getrandbits(64):016x}"
        with Journal.start(folder, "apply", desired.cluster, "tester@here", operation, clock.now) as journal:
            return apply(
                plan,
                desired.by_key(),
                snapshot,
                self.cloud(desired),
                journal,
                clock=clock,
                random=lambda: 0.5,
                emit=(events if events is not None else []).append,
                cancel=cancel,
                settings=ApplySettings(by="tester@here"),
            )

    def inventory(self) -> dict[str, Any]:
        """All resources in the account and the store, with names instead of ids, for comparison."""
        return inventory(self)


def inventory(account: Account) -> dict[str, Any]:
    aws = account.aws
    found: dict[str, Any] = {}
    ec2: Any = aws.ec2
    names: dict[str, str] = {}
    for operation, path, id_ in (
        ("describe_vpcs", "Vpcs", "VpcId"),
        ("describe_subnets", "Subnets", "SubnetId"),
        ("describe_internet_gateways", "InternetGateways", "InternetGatewayId"),
        ("describe_dhcp_options", "DhcpOptions", "DhcpOptionsId"),
        ("describe_route_tables", "RouteTables", "RouteTableId"),
        ("describe_security_groups", "SecurityGroups", "GroupId"),
        ("describe_volumes", "Volumes", "VolumeId"),
        ("describe_launch_templates", "LaunchTemplates", "LaunchTemplateId"),
        ("describe_key_pairs", "KeyPairs", "KeyPairId"),
        ("describe_addresses", "Addresses", "AllocationId"),
        ("describe_nat_gateways", "NatGateways", "NatGatewayId"),
        ("describe_security_group_rules", "SecurityGroupRules", "SecurityGroupRuleId"),
    ):
        items = getattr(ec2, operation)()[path]
        found[path] = items
        for item in items:
            tags = {tag["Key"]: tag["Value"] for tag in item.get("Tags", [])}
            names[item[id_]] = f"<{path} {tags.get('Name', 'of AWS')}>"
    found["versions"] = [
        version
        for template in found["LaunchTemplates"]
        for version in ec2.describe_launch_template_versions(LaunchTemplateId=template["LaunchTemplateId"])[
            "LaunchTemplateVersions"
        ]
    ]
    asg: Any = aws.autoscaling
    groups = asg.describe_auto_scaling_groups()["AutoScalingGroups"]
    found["groups"] = groups
    found["hooks"] = [
        hook
        for group in groups
        for hook in asg.describe_lifecycle_hooks(AutoScalingGroupName=group["AutoScalingGroupName"])[
            "LifecycleHooks"
        ]
    ]
    iam: Any = aws.iam
    roles = iam.list_roles()["Roles"]
    found["roles"] = [iam.get_role(RoleName=role["RoleName"])["Role"] for role in roles]
    found["policies"] = [
        (
            role["RoleName"],
            name,
            iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"],
        )
        for role in roles
        for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
    ]
    found["profiles"] = iam.list_instance_profiles()["InstanceProfiles"]
    sqs: Any = aws.sqs
    found["queues"] = [
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy", "MessageRetentionPeriod"])[
            "Attributes"
        ]
        for url in sqs.list_queues().get("QueueUrls", [])
    ]
    events: Any = aws.events
    found["rules"] = events.list_rules()["Rules"]
    found["targets"] = [events.list_targets_by_rule(Rule=rule["Name"])["Targets"] for rule in found["rules"]]
    found["objects"] = sorted(account.store.keys())
    text = json.dumps(found, default=str)
    for id_, name in (names | {account.zone: "<zone>"}).items():
        text = text.replace(id_, name)
    text = re.sub(r"2400:6500:[0-9a-f:]+/56", "<Amazon's block>", text)
    whole: dict[str, Any] = _plain(json.loads(text))
    return {area: sorted(json.dumps(item, sort_keys=True) for item in items) for area, items in whole.items()}


def difference(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """The difference of two inventories."""
    return [
        f"{sign} {area}: {item}"
        for sign, left, right in (("-", one, other), ("+", other, one))
        for area in left
        for item in (Counter(left[area]) - Counter(right.get(area, []))).elements()
    ]


_VOLATILE = frozenset(
    {
        "CreateDate",
        "CreateTime",
        "CreatedTime",
        "CreatedBy",
        "ClientToken",
        "InstanceId",
        "InstanceProfileId",
        "Instances",
        "KeyPairId",
        "KmsKeyId",
        "LaunchTime",
        "RoleId",
        "RouteTableAssociationId",
        "AssociationId",
        "RoleLastUsed",
        "UserData",
        "SecurityGroupRuleArn",
        "SecurityGroupArn",
        "VpcArn",
        "SubnetArn",
        "AutoScalingGroupARN",
        "Attachments",
    }
)
"""Fields that differ between equal accounts. User data contains new certificates."""


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if key not in _VOLATILE}
    if isinstance(value, (list, tuple)):
        items = [_plain(item) for item in value]
        return sorted(items, key=lambda item: json.dumps(item, sort_keys=True))
    return value
