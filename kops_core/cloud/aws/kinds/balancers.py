"""Network load balancers of the API: balancers, target groups and listeners.

ELBv2 filters nothing by tag: all are listed, and tags are asked for only in the cluster's VPC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import Adapter, Made, Work, given, known, pairs, tag_changes
from kops_core.cloud.aws.errors import absent
from kops_core.cloud.aws.reading import Reading, Tags, tags_of
from kops_core.errors import NotReady
from kops_core.model.kinds import (
    AccessLog,
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    SubnetMapping,
    TargetGroup,
)
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef, LoadBalancerTypeDef, TargetGroupTypeDef

    from kops_core.cloud.aws.session import AwsSession

_TAGS_AT_ONCE = 20
"""ARNs that DescribeTags takes."""
_REVISION_TAG = "kops.k8s.io/revision"
"""On a balancer made anew: the time in seconds. The one with the highest is in use (kOps)."""


def _tags(reading: Reading, arns: Sequence[str]) -> dict[str, Tags]:
    chunks = [arns[start : start + _TAGS_AT_ONCE] for start in range(0, len(arns), _TAGS_AT_ONCE)]
    answers = reading.each(
        lambda chunk: reading.aws.elbv2.describe_tags(ResourceArns=chunk)["TagDescriptions"], chunks
    )
    return {item["ResourceArn"]: tags_of(item) for answer in answers for item in answer}


def _observe_balancer(reading: Reading, desired: Sequence[NetworkLoadBalancer]) -> list[Observed]:
    vpcs = {reading.value(each.vpc) for each in desired}
    pages = reading.aws.elbv2.get_paginator("describe_load_balancers").paginate()
    near = [each for page in pages for each in page["LoadBalancers"] if each.get("VpcId") in vpcs]
    tags = _tags(reading, [each["LoadBalancerArn"] for each in near])
    found = []
    for wanted in desired:
        named = [
            each
            for each in near
            if tags[each["LoadBalancerArn"]].get("Name") == wanted.name
            and reading.ownership_tag in tags[each["LoadBalancerArn"]]
        ]
        if named:
            newest = max(named, key=lambda each: int(tags[each["LoadBalancerArn"]].get(_REVISION_TAG, "0")))
            found.append(_observed_balancer(reading, wanted, newest, tags[newest["LoadBalancerArn"]]))
    return found


def _observed_balancer(
    reading: Reading, desired: NetworkLoadBalancer, item: LoadBalancerTypeDef, tags: Tags
) -> Observed:
    arn = item["LoadBalancerArn"]
    answer = reading.aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)
    attributes = {each["Key"]: each["Value"] for each in answer["Attributes"]}
    logs = attributes.get("access_logs.s3.enabled") == "true"
    seen = replace(
        desired,
        load_balancer_name=item["LoadBalancerName"],
        scheme=item["Scheme"],
        ip_address_type=item["IpAddressType"],
        subnet_mappings=tuple(_mapping(zone) for zone in item["AvailabilityZones"]),
        security_groups=tuple(item.get("SecurityGroups", [])),
        cross_zone_load_balancing=attributes.get("load_balancing.cross_zone.enabled") == "true",
        access_log=AccessLog(
            enabled=logs,
            s3_bucket_name=attributes.get("access_logs.s3.bucket") or None if logs else None,
            s3_bucket_prefix=attributes.get("access_logs.s3.prefix") or None if logs else None,
        ),
        vpc=item["VpcId"],
        tags=tags,
    )
    outputs = {
        "arn": arn,
        "dns_name": item["DNSName"].lower(),
        "hosted_zone_id": item["CanonicalHostedZoneId"],
    }
    if desired.reached_by_address:
        outputs["addresses"] = _addresses(reading.aws, item)
    return Observed(seen, arn, outputs)


def _addresses(aws: AwsSession, item: LoadBalancerTypeDef) -> str:
    """The private addresses of a balancer, which AWS tells only by its network interfaces."""
    owner = f"ELB net/{item['LoadBalancerName']}/"
    filters: Any = [
        {"Name": "vpc-id", "Values": [item["VpcId"]]},
        {"Name": "description", "Values": [f"{owner}*"]},
    ]
    pages = aws.ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
    found: list[str] = []
    for page in pages:
        for each in page["NetworkInterfaces"]:
            if each.get("Description", "").startswith(owner):
                found += [each["PrivateIpAddress"]] if each.get("PrivateIpAddress") else []
                found += [v6["Ipv6Address"] for v6 in each.get("Ipv6Addresses", [])]
    return " ".join(sorted(found))


def _mapping(zone: Mapping[str, Any]) -> SubnetMapping:
    address: Mapping[str, Any] = next(iter(zone.get("LoadBalancerAddresses") or []), {})
    return SubnetMapping(
        zone["SubnetId"],
        private_ipv4_address=address.get("PrivateIPv4Address"),
        allocation_id=address.get("AllocationId"),
    )


def _mappings(desired: NetworkLoadBalancer) -> list[Any]:
    return [
        given(
            SubnetId=known(each.subnet),
            PrivateIPv4Address=each.private_ipv4_address,
            AllocationId=each.allocation_id,
        )
        for each in desired.subnet_mappings or ()
    ]


def _create_balancer(work: Work, desired: NetworkLoadBalancer) -> Made:
    made = work.aws.elbv2.create_load_balancer(
        Name=known(desired.load_balancer_name),
        Type="network",
        SubnetMappings=_mappings(desired),
        Tags=pairs(desired.tags),
        **given(
            Scheme=desired.scheme,
            IpAddressType=desired.ip_address_type,
            SecurityGroups=[known(each) for each in desired.security_groups or ()] or None,
        ),
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    _set_balancer_attributes(work, arn, desired)
    outputs = {
        "arn": arn,
        "dns_name": made["DNSName"].lower(),
        "hosted_zone_id": made["CanonicalHostedZoneId"],
    }
    if desired.reached_by_address:
        there = work.aws.elbv2.describe_load_balancers(LoadBalancerArns=[arn])["LoadBalancers"][0]
        state = there["State"]["Code"]
        if state == "provisioning":
            # Creating it again with the same parameters answers with the one that is there.
            raise NotReady(f"the load balancer {desired.name} has no addresses yet")
        outputs["addresses"] = _addresses(work.aws, there)
    return Made(arn, outputs)


def _set_balancer_attributes(work: Work, arn: str, desired: NetworkLoadBalancer) -> None:
    log = desired.access_log or AccessLog()
    attributes = {
        "load_balancing.cross_zone.enabled": str(bool(desired.cross_zone_load_balancing)).lower(),
        "access_logs.s3.enabled": str(log.enabled).lower(),
    }
    if log.enabled:
        attributes |= given(
            **{"access_logs.s3.bucket": log.s3_bucket_name, "access_logs.s3.prefix": log.s3_bucket_prefix}
        )
    settings: Any = pairs(attributes)
    work.aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=settings)


def _update_balancer(
    work: Work, desired: NetworkLoadBalancer, observed: Observed, changed: frozenset[str]
) -> None:
    client, arn = work.aws.elbv2, observed.id
    if "ip_address_type" in changed:
        kind: Any = desired.ip_address_type
        client.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=kind)
    if "subnet_mappings" in changed:
        client.set_subnets(LoadBalancerArn=arn, SubnetMappings=_mappings(desired))
    if "security_groups" in changed:
        client.set_security_groups(
            LoadBalancerArn=arn, SecurityGroups=[known(each) for each in desired.security_groups or ()]
        )
    if changed & {"cross_zone_load_balancing", "access_log"}:
        _set_balancer_attributes(work, arn, desired)
    _retag(work, desired.tags, observed)


def _retag(work: Work, tags: Mapping[str, str] | None, observed: Observed) -> None:
    put, _ = tag_changes(tags, getattr(observed.resource, "tags", None), whole=False)
    if put:
        work.aws.elbv2.add_tags(ResourceArns=[observed.id], Tags=pairs(put))


def _delete_balancer(work: Work, observed: Observed) -> None:
    work.aws.elbv2.delete_load_balancer(LoadBalancerArn=observed.id)


def _observe_target_group(reading: Reading, desired: Sequence[TargetGroup]) -> list[Observed]:
    pages = reading.aws.elbv2.get_paginator("describe_target_groups").paginate()
    items = [each for page in pages for each in page["TargetGroups"]]
    pairs_ = [
        (wanted, item)
        for wanted in desired
        for item in items
        if wanted.existing_id in {item["TargetGroupArn"], item["TargetGroupName"]}
        or (not wanted.existing_id and item["TargetGroupName"] == wanted.name)
    ]
    tags = _tags(reading, [item["TargetGroupArn"] for _, item in pairs_])
    return reading.each(
        lambda pair: _observed_target_group(reading, *pair, tags[pair[1]["TargetGroupArn"]]), pairs_
    )


def _observed_target_group(
    reading: Reading, desired: TargetGroup, item: TargetGroupTypeDef, tags: Tags
) -> Observed:
    arn = item["TargetGroupArn"]
    answer = reading.aws.elbv2.describe_target_group_attributes(TargetGroupArn=arn)
    seen = replace(
        desired,
        vpc=item.get("VpcId"),
        port=item.get("Port"),
        protocol=item.get("Protocol"),
        health_check_protocol=item.get("HealthCheckProtocol"),
        health_check_path=item.get("HealthCheckPath"),
        health_check_interval_seconds=item.get("HealthCheckIntervalSeconds"),
        healthy_threshold_count=item.get("HealthyThresholdCount"),
        unhealthy_threshold_count=item.get("UnhealthyThresholdCount"),
        target_group_attributes={each["Key"]: each["Value"] for each in answer["Attributes"]},
        tags=tags,
    )
    return Observed(seen, arn, {"arn": arn})


def _health(desired: TargetGroup) -> dict[str, Any]:
    return given(
        HealthCheckProtocol=desired.health_check_protocol,
        HealthCheckPath=desired.health_check_path,
        HealthCheckIntervalSeconds=desired.health_check_interval_seconds,
        HealthyThresholdCount=desired.healthy_threshold_count,
        UnhealthyThresholdCount=desired.unhealthy_threshold_count,
    )


def _create_target_group(work: Work, desired: TargetGroup) -> Made:
    made = work.aws.elbv2.create_target_group(
        Name=desired.name,
        VpcId=known(desired.vpc),
        Tags=pairs(desired.tags),
        **given(Port=desired.port, Protocol=desired.protocol),
        **_health(desired),
    )["TargetGroups"][0]
    arn = made["TargetGroupArn"]
    _set_target_group_attributes(work, arn, desired)
    return Made(arn, {"arn": arn})


def _set_target_group_attributes(work: Work, arn: str, desired: TargetGroup) -> None:
    if desired.target_group_attributes:
        work.aws.elbv2.modify_target_group_attributes(
            TargetGroupArn=arn, Attributes=pairs(desired.target_group_attributes)
        )


def _update_target_group(
    work: Work, desired: TargetGroup, observed: Observed, changed: frozenset[str]
) -> None:
    if any(field.startswith(("health", "unhealthy")) for field in changed):
        work.aws.elbv2.modify_target_group(TargetGroupArn=observed.id, **_health(desired))
    if "target_group_attributes" in changed:
        _set_target_group_attributes(work, observed.id, desired)
    _retag(work, desired.tags, observed)


def _delete_target_group(work: Work, observed: Observed) -> None:
    work.aws.elbv2.delete_target_group(TargetGroupArn=observed.id)


def _listeners(reading: Reading, arn: str) -> list[ListenerTypeDef]:
    def ask() -> list[ListenerTypeDef]:
        pages = reading.aws.elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=arn)
        try:
            return [each for page in pages for each in page["Listeners"]]
        except ClientError as error:
            if absent(error):
                return []
            raise

    return reading.once(f"listeners {arn}", ask)


def _observe_listener(reading: Reading, desired: Sequence[NetworkLoadBalancerListener]) -> list[Observed]:
    found = []
    for wanted in desired:
        arn = reading.value(wanted.load_balancer)
        for item in _listeners(reading, arn) if arn else []:
            if item.get("Port") == wanted.port:
                actions = item.get("DefaultActions", [])
                certificates = item.get("Certificates", [])
                seen = replace(
                    wanted,
                    load_balancer=arn,
                    target_group=actions[0].get("TargetGroupArn") if actions else None,
                    certificate=certificates[0].get("CertificateArn") if certificates else None,
                    ssl_policy=item.get("SslPolicy"),
                )
                found.append(Observed(seen, item["ListenerArn"]))
    return found


def _listener(desired: NetworkLoadBalancerListener) -> dict[str, Any]:
    return given(
        Port=desired.port,
        Protocol="TLS" if desired.certificate else "TCP",
        Certificates=[{"CertificateArn": desired.certificate}] if desired.certificate else None,
        SslPolicy=desired.ssl_policy if desired.certificate else None,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": known(desired.target_group)}],
    )


def _create_listener(work: Work, desired: NetworkLoadBalancerListener) -> Made:
    made = work.aws.elbv2.create_listener(LoadBalancerArn=known(desired.load_balancer), **_listener(desired))
    return Made(made["Listeners"][0]["ListenerArn"])


def _update_listener(
    work: Work, desired: NetworkLoadBalancerListener, observed: Observed, changed: frozenset[str]
) -> None:
    work.aws.elbv2.modify_listener(ListenerArn=observed.id, **_listener(desired))


def _delete_listener(work: Work, observed: Observed) -> None:
    work.aws.elbv2.delete_listener(ListenerArn=observed.id)


ADAPTERS = (
    Adapter(NetworkLoadBalancer, _observe_balancer, _create_balancer, _update_balancer, _delete_balancer),
    Adapter(
        TargetGroup, _observe_target_group, _create_target_group, _update_target_group, _delete_target_group
    ),
    Adapter(
        NetworkLoadBalancerListener, _observe_listener, _create_listener, _update_listener, _delete_listener
    ),
)
