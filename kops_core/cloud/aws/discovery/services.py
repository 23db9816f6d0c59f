"""Discovery of load balancers, IAM, the termination handler's queue and rules, DNS records."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from kops_core.cloud.aws.discovery.context import DiscoveryContext, ids
from kops_core.cloud.aws.errors import if_there
from kops_core.cloud.aws.names import MAX_IAM_NAME, event_rule_prefix
from kops_core.cloud.aws.observation import Tags, tags_of
from kops_core.plan.snapshot import DiscoveredResource

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import LoadBalancerTypeDef, TargetGroupTypeDef
    from mypy_boto3_route53.type_defs import ResourceRecordSetOutputTypeDef


_TAGS_AT_ONCE = 20
"""The limit of names or ARNs in DescribeTags."""
_RECORD = re.compile(r"api|api\.internal|bastion|kops-controller\.internal|etcd-[^.]+(\.internal)?")
"""Names that kOps and its dns-controller create below a cluster's name."""
_RECORD_TYPES = ("A", "AAAA", "TXT")


def _with_tags(
    context: DiscoveryContext, names: Sequence[str], ask: Callable[[Sequence[str]], dict[str, Tags]]
) -> dict[str, Tags]:
    """Tags by name, without balancers that were deleted meanwhile."""

    def some(chunk: Sequence[str]) -> dict[str, Tags]:
        found = if_there(lambda: ask(chunk))
        if found is not None:
            return found
        one_by_one = (if_there(lambda name=name: ask([name])) for name in chunk)  # type: ignore[misc]
        return {name: tags for each in one_by_one if each for name, tags in each.items()}

    chunks = [names[start : start + _TAGS_AT_ONCE] for start in range(0, len(names), _TAGS_AT_ONCE)]
    return {name: tags for answer in context.each(some, chunks) for name, tags in answer.items()}


def _described(context: DiscoveryContext, arns: Sequence[str]) -> dict[str, Tags]:
    return _with_tags(
        context,
        arns,
        lambda some: {
            item["ResourceArn"]: tags_of(item)
            for item in context.aws.elbv2.describe_tags(ResourceArns=some)["TagDescriptions"]
        },
    )


def balancers(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Network and application load balancers: the API's, and those of services and ingresses."""
    pages = context.aws.elbv2.get_paginator("describe_load_balancers").paginate()
    items = [each for page in pages for each in page["LoadBalancers"]]
    tags = _described(context, [each["LoadBalancerArn"] for each in items])
    found = [
        context.marked(balancer(item), tags[item["LoadBalancerArn"]])
        for item in items
        if item["LoadBalancerArn"] in tags
    ]
    return [each for each in found if each is not None]


def balancer(item: LoadBalancerTypeDef) -> DiscoveredResource:
    """A load balancer of any owner."""
    zones = item.get("AvailabilityZones", [])
    return DiscoveredResource(
        "NetworkLoadBalancer" if item["Type"] == "network" else "LoadBalancer",
        item["LoadBalancerArn"],
        item["LoadBalancerName"],
        uses=ids(
            item.get("VpcId"),
            *item.get("SecurityGroups", []),
            *(zone.get("SubnetId") for zone in zones),
            *(
                address.get("AllocationId")
                for zone in zones
                for address in zone.get("LoadBalancerAddresses", [])
            ),
        ),
        details={"vpc": item.get("VpcId", "")},
    )


def target_groups(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Target groups."""
    pages = context.aws.elbv2.get_paginator("describe_target_groups").paginate()
    items = [each for page in pages for each in page["TargetGroups"]]
    tags = _described(context, [each["TargetGroupArn"] for each in items])
    found = [
        context.marked(_target_group(item), tags[item["TargetGroupArn"]])
        for item in items
        if item["TargetGroupArn"] in tags
    ]
    return [each for each in found if each is not None]


def _target_group(item: TargetGroupTypeDef) -> DiscoveredResource:
    return DiscoveredResource(
        "TargetGroup",
        item["TargetGroupArn"],
        item["TargetGroupName"],
        uses=ids(item.get("VpcId")),
        used_by=ids(*item.get("LoadBalancerArns", [])),
    )


def classic_balancers(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Classic load balancers, which the cloud controller creates for services by default."""
    client = context.aws.elb
    pages = client.get_paginator("describe_load_balancers").paginate()
    items = {each["LoadBalancerName"]: each for page in pages for each in page["LoadBalancerDescriptions"]}
    tags = _with_tags(
        context,
        list(items),
        lambda some: {
            item["LoadBalancerName"]: tags_of(item)
            for item in client.describe_tags(LoadBalancerNames=some)["TagDescriptions"]
        },
    )
    found = [context.marked(classic_balancer(items[name]), tags[name]) for name in tags]
    return [each for each in found if each is not None]


def classic_balancer(item: Any) -> DiscoveredResource:  # boto3-stubs of elb are not among the locked packages
    """A classic load balancer of any owner."""
    return DiscoveredResource(
        "ClassicLoadBalancer",
        item["LoadBalancerName"],
        item["LoadBalancerName"],
        uses=ids(item.get("VPCId"), *item.get("SecurityGroups", []), *item.get("Subnets", [])),
        details={"vpc": item.get("VPCId", "")},
    )


def _iam_names(context: DiscoveryContext, names: Sequence[str]) -> list[str]:
    """Names that may be the cluster's: they end with its name, or are truncated to IAM's limit."""
    return [name for name in names if context.cluster in name or len(name) == MAX_IAM_NAME]


def roles(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Roles. ListRoles returns no tags, so each candidate is read by itself."""
    iam = context.aws.iam
    pages = iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1000})
    names = _iam_names(context, [role["RoleName"] for page in pages for role in page["Roles"]])
    items = context.each(
        lambda name: if_there(lambda: context.aws.iam.get_role(RoleName=name)["Role"]), names
    )
    found = [
        context.marked(DiscoveredResource("IAMRole", item["RoleName"], item["RoleName"]), tags_of(item))
        for item in items
        if item is not None
    ]
    return [each for each in found if each is not None]


def profiles(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Instance profiles, which use their roles."""
    iam = context.aws.iam
    pages = iam.get_paginator("list_instance_profiles").paginate(PaginationConfig={"PageSize": 1000})
    listed = [each["InstanceProfileName"] for page in pages for each in page["InstanceProfiles"]]
    items = context.each(
        lambda name: if_there(lambda: iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]),
        _iam_names(context, listed),
    )
    found = [
        context.marked(
            DiscoveredResource(
                "IAMInstanceProfile",
                f"profile/{item['InstanceProfileName']}",
                item["InstanceProfileName"],
                uses=ids(*(role["RoleName"] for role in item["Roles"])),
            ),
            tags_of(item),
        )
        for item in items
        if item is not None
    ]
    return [each for each in found if each is not None]


def providers(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Issuers of service account tokens."""
    iam = context.aws.iam
    arns = [each["Arn"] for each in iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]]
    items = context.each(
        lambda arn: if_there(lambda: iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)), arns
    )
    found = [
        context.marked(DiscoveredResource("IAMOIDCProvider", arn, item.get("Url", "")), tags_of(item))
        for arn, item in zip(arns, items, strict=True)
        if item is not None
    ]
    return [each for each in found if each is not None]


def queues(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Queues, listed by prefix and filtered by tags."""
    sqs = context.aws.sqs
    pages = sqs.get_paginator("list_queues").paginate(
        QueueNamePrefix=context.cluster.replace(".", "-")[:60], PaginationConfig={"PageSize": 1000}
    )
    urls = [url for page in pages for url in page.get("QueueUrls", [])]
    answers = context.each(
        lambda url: if_there(lambda: sqs.list_queue_tags(QueueUrl=url).get("Tags", {})), urls
    )
    found = [
        context.marked(DiscoveredResource("SQS", url, url.rpartition("/")[2]), tags)
        for url, tags in zip(urls, answers, strict=True)
        if tags is not None
    ]
    return [each for each in found if each is not None]


def rules(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Event rules, listed by prefix and filtered by tags."""
    events = context.aws.events
    pages = events.get_paginator("list_rules").paginate(NamePrefix=event_rule_prefix(context.cluster))
    items = [rule for page in pages for rule in page["Rules"]]
    answers = context.each(
        lambda item: if_there(lambda: tags_of(events.list_tags_for_resource(ResourceARN=item["Arn"]))), items
    )
    found = [
        context.marked(DiscoveredResource("EventBridgeRule", item["Name"], item["Name"]), tags)
        for item, tags in zip(items, answers, strict=True)
        if tags is not None
    ]
    return [each for each in found if each is not None]


def records(context: DiscoveryContext) -> list[DiscoveredResource]:
    """Records below the cluster's name, in every zone that may contain it. The operator owns the zones."""
    pages = context.aws.route53.get_paginator("list_hosted_zones").paginate()
    zones = [
        zone["Id"].removeprefix("/hostedzone/")
        for page in pages
        for zone in page["HostedZones"]
        if f".{context.cluster}".endswith("." + zone["Name"].rstrip("."))
    ]
    return [each for found in context.each(lambda zone: _records_in(context, zone), zones) for each in found]


def _records_in(context: DiscoveryContext, zone: str) -> list[DiscoveredResource]:
    pages = context.aws.route53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=zone)
    return [
        DiscoveredResource(
            "DNSRecord",
            "/".join(filter(None, (zone, item["Type"], item["Name"].rstrip("."), item.get("SetIdentifier")))),
            item["Name"].rstrip("."),
            details={"zone": zone, "record": json.dumps(item)},
        )
        for page in pages
        for item in page["ResourceRecordSets"]
        if item["Type"] in _RECORD_TYPES and _of_cluster(context.cluster, item)
    ]


def _of_cluster(cluster: str, item: ResourceRecordSetOutputTypeDef) -> bool:
    name = item["Name"].rstrip(".").lower()
    if item["Type"] == "TXT":
        # The owner of an AAAA record is stored under another name.
        name = name.removeprefix("aaaa-")
    below = name.removesuffix(f".{cluster}")
    return below != name and _RECORD.fullmatch(below) is not None


FINDERS = (
    balancers,
    target_groups,
    classic_balancers,
    roles,
    profiles,
    providers,
    queues,
    rules,
    records,
)
