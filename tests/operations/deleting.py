"""Deletes clusters in a test account, and lists all resources of the account."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kops_core.cloud.aws.discovery.discover import AwsDiscovery
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.operations.apply import ApplySettings, ClusterDeletion, apply
from kops_core.operations.clock import CancelToken
from kops_core.operations.events import Event
from kops_core.operations.journal import Journal
from kops_core.operations.outcome import Outcome
from kops_core.operations.steps import Limits
from kops_core.plan.changes import Action, Plan
from kops_core.plan.deletion import StateLocation, plan_deletion
from tests.aws.account import Account, FakeClock

_LISTS = {
    "ec2": (
        "describe_addresses",
        "describe_dhcp_options",
        "describe_egress_only_internet_gateways",
        "describe_instances",
        "describe_internet_gateways",
        "describe_key_pairs",
        "describe_launch_templates",
        "describe_nat_gateways",
        "describe_network_interfaces",
        "describe_route_tables",
        "describe_security_group_rules",
        "describe_security_groups",
        "describe_subnets",
        "describe_volumes",
        "describe_vpcs",
    ),
    "elb": ("describe_load_balancers",),
    "elbv2": ("describe_load_balancers", "describe_target_groups"),
    "autoscaling": ("describe_auto_scaling_groups", "describe_tags"),
    "iam": ("list_roles", "list_instance_profiles", "list_open_id_connect_providers", "list_policies"),
    "sqs": ("list_queues",),
    "events": ("list_rules",),
    "route53": ("list_hosted_zones",),
}
"""Calls that list the resources of an account. Some emulated ones return one page only."""
_GONE = ("terminated", "deleted")


def listing(account: Account) -> dict[str, list[str]]:
    """All resources of the account with ids and tags, without terminated ones."""
    found: dict[str, list[str]] = {}
    for service, operations in _LISTS.items():
        client = getattr(account.aws, service)
        for operation in operations:
            arguments = {"Scope": "Local"} if operation == "list_policies" else {}
            answer = getattr(client, operation)(**arguments)
            found[f"{service} {operation}"] = sorted(
                json.dumps(item, sort_keys=True, default=str)
                for key, items in answer.items()
                if isinstance(items, list) and key != "ResponseMetadata"
                for item in _alive(items)
            )
    zone: Any = account.aws.route53.list_resource_record_sets(HostedZoneId=account.zone)
    found["records"] = sorted(json.dumps(each, sort_keys=True) for each in zone["ResourceRecordSets"])
    return found


def _alive(items: list[Any]) -> Iterator[Any]:
    gone = _terminated(items)
    for item in items:
        if not isinstance(item, dict):
            yield item
        elif "Instances" in item and "ReservationId" in item:
            yield from (each for each in item["Instances"] if each["State"]["Name"] not in _GONE)
        elif item.get("State") not in _GONE and item.get("ResourceId") not in gone:
            yield item


def _terminated(items: list[Any]) -> set[str]:
    """Ids of terminated instances and deleted gateways, whose tags are still listed."""
    return {
        item["ResourceId"]
        for item in items
        if isinstance(item, dict) and item.get("ResourceType") in {"instance", "natgateway"}
    }


def without_hints(found: dict[str, list[str]]) -> dict[str, list[str]]:
    """Without a subnet's tags for load balancers and groups: other clusters may go by them, too."""
    key = r"SubnetType|kubernetes.io/role/[a-z-]+|kops.k8s.io/instance-group/[^\"]+"
    pattern = re.compile(rf'(, )?{{"Key": "({key})", "Value": "[^"]*"}}')
    return {
        kind: [pattern.sub("", item).replace("[, ", "[") for item in items] for kind, items in found.items()
    }


def discovery(
    account: Account,
    cluster: str,
    named: frozenset[str] = frozenset(),
    untagged_subnets: frozenset[str] = frozenset(),
) -> AwsDiscovery:
    store = ClusterStore.of(account.store, {}, cluster, account.open_other)
    return AwsDiscovery(
        account.aws,
        store,
        cluster,
        now=lambda: datetime.now(UTC),
        named=named,
        untagged_subnets=untagged_subnets,
        adapters=account.adapters,
    )


def planned(
    account: Account,
    cluster: str,
    named: frozenset[str] = frozenset(),
    untagged_subnets: frozenset[str] = frozenset(),
) -> Plan:
    """The plan that would delete a cluster from the cloud."""
    return plan_deletion(cluster, discovery(account, cluster, named, untagged_subnets).discover())


def ids(plan: Plan, action: Action = Action.DELETE, kind: str = "") -> list[str]:
    """Ids of the resources with an action in a plan."""
    return [
        change.key.name
        for change in plan.changes
        if change.action is action and kind in ("", change.key.kind)
    ]


def delete(
    account: Account,
    cluster: str,
    folder: Path,
    *,
    named: frozenset[str] = frozenset(),
    untagged_subnets: frozenset[str] = frozenset(),
    state: Mapping[str, Callable[[], None]] | None = None,
    events: list[Event] | None = None,
    cancel: CancelToken | None = None,
    clock: FakeClock | None = None,
    limits: Limits | None = None,
    random: Callable[[], float] = lambda: 0.5,
) -> Outcome:
    """state: locations of the cluster's state, and how each is emptied."""
    clock = clock or FakeClock()
    cloud = discovery(account, cluster, named, untagged_subnets)
    locations = {StateLocation(url, ("config",)): act for url, act in (state or {}).items()}

    snapshot = cloud.discover()
    plan = plan_deletion(cluster, snapshot, state=tuple(locations))
    with Journal.start(folder, "delete", cluster, "tester@here", "0123456789ab", clock.now) as journal:
        return apply(
            plan,
            {},
            snapshot,
            None,
            journal,
            clock=clock,
            random=random,
            emit=(events if events is not None else []).append,
            cancel=cancel,
            settings=ApplySettings(limits or Limits(), "tester@here"),
            deletion=ClusterDeletion(cloud, {each.key: act for each, act in locations.items()}),
        )
