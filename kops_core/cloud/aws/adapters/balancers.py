"""Network load balancers of the API and of bastions, and their listeners."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    drop_none,
    require_listed,
    require_resolved,
    tag_list,
)
from kops_core.cloud.aws.balancing import (
    LONGEST_NAME,
    REVISION_TAG,
    Balancer,
    balancers,
    balancers_in,
    managed_tags,
    retag,
    revision_of,
    revision_tag,
)
from kops_core.cloud.aws.errors import absent
from kops_core.cloud.aws.observation import ObservationContext, Tags
from kops_core.cloud.aws.resources.balancers import (
    AccessLog,
    NetworkLoadBalancer,
    NetworkLoadBalancerListener,
    SubnetMapping,
)
from kops_core.errors import CloudError, CreationFailed
from kops_core.model.names import hashed
from kops_core.plan.snapshot import Observed

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import ListenerTypeDef, LoadBalancerTypeDef

    from kops_core.cloud.aws.session import AwsSession


PROVISIONED_WITHIN = 900.0
"""Timeout in seconds of provisioning a load balancer (as in kOps)."""


def _newest(there: Sequence[Balancer], wanted: NetworkLoadBalancer) -> Balancer | None:
    named = [each for each in there if each[1].get("Name") == wanted.name]
    return max(named, key=lambda each: revision_of(each[1]), default=None)


def _serves(wanted: NetworkLoadBalancer, item: LoadBalancerTypeDef) -> bool:
    """Whether a balancer can be updated in place.

    AWS adds no security groups to one that was created without, and one that it failed to provision has to be
    replaced.
    """
    failed = item.get("State", {}).get("Code") == "failed"
    return not failed and (not wanted.security_groups or bool(item.get("SecurityGroups")))


def _observe_balancer(reading: ObservationContext, desired: Sequence[NetworkLoadBalancer]) -> list[Observed]:
    found: list[Observed] = []
    current: list[tuple[NetworkLoadBalancer, LoadBalancerTypeDef, Tags]] = []
    there = balancers(reading)
    for wanted in desired:
        newest = _newest(there, wanted)
        for item, tags in there:
            if newest is not None and item is newest[0] and _serves(wanted, item):
                current.append((wanted, item, tags))
            elif tags.get("Name") == wanted.name:
                old = NetworkLoadBalancer(
                    name=f"{wanted.name} ({item['LoadBalancerName']})", lifecycle=wanted.lifecycle, tags=tags
                )
                found.append(Observed(old, item["LoadBalancerArn"]))
    return [*reading.each(lambda each: _observed_balancer(reading, *each), current), *found]


def _observed_balancer(
    reading: ObservationContext, desired: NetworkLoadBalancer, item: LoadBalancerTypeDef, tags: Tags
) -> Observed:
    arn = item["LoadBalancerArn"]
    answer = reading.aws.elbv2.describe_load_balancer_attributes(LoadBalancerArn=arn)
    attributes = {each["Key"]: each["Value"] for each in answer["Attributes"]}
    logs = attributes.get("access_logs.s3.enabled") == "true"
    seen = replace(
        desired,
        load_balancer_name=item["LoadBalancerName"],
        scheme=item["Scheme"],
        # IPv6 can't be added to an internal balancer with IPv4 only.
        ip_address_type=desired.ip_address_type
        if (item["Scheme"], item["IpAddressType"]) == ("internal", "ipv4")
        else item["IpAddressType"],
        subnet_mappings=tuple(_mapping(zone) for zone in item["AvailabilityZones"]),
        security_groups=tuple(item.get("SecurityGroups", [])),
        cross_zone_load_balancing=attributes.get("load_balancing.cross_zone.enabled") == "true",
        access_log=AccessLog(
            enabled=logs,
            s3_bucket_name=attributes.get("access_logs.s3.bucket") or None if logs else None,
            s3_bucket_prefix=attributes.get("access_logs.s3.prefix") or None if logs else None,
        ),
        vpc=item["VpcId"],
        tags=managed_tags(tags),
    )
    return _with_addresses(reading.aws, desired, item, Observed(seen, arn, _outputs(item)))


def _outputs(item: LoadBalancerTypeDef) -> dict[str, str]:
    return {
        "arn": item["LoadBalancerArn"],
        "dns_name": item["DNSName"].lower(),
        "hosted_zone_id": item["CanonicalHostedZoneId"],
    }


def _with_addresses(
    aws: AwsSession, desired: NetworkLoadBalancer, item: LoadBalancerTypeDef, observed: Observed
) -> Observed:
    """The balancer with its addresses, if machines use those; unready until each subnet has one."""
    if not desired.reached_by_address:
        return observed
    if item.get("State", {}).get("Code") == "provisioning":
        return replace(observed, unready="AWS is still provisioning it")
    subnets = {zone.get("SubnetId", "") for zone in item.get("AvailabilityZones", [])}
    found = _addresses(aws, item)
    missing = sorted(subnets - found.keys())
    if missing:
        return replace(observed, unready=f"it has no address yet in {', '.join(missing)}")
    addresses = sorted(address for several in found.values() for address in several)
    return replace(observed, outputs={**observed.outputs, "addresses": " ".join(addresses)})


def _balancer_ready(work: CallContext, desired: NetworkLoadBalancer, observed: Observed) -> Observed:
    answer = work.aws.elbv2.describe_load_balancers(LoadBalancerArns=[observed.id])
    item = require_listed(answer["LoadBalancers"], observed.id)
    state = item.get("State", {})
    if state.get("Code") == "failed":
        raise CreationFailed(
            f"AWS failed to set up the load balancer: {state.get('Reason', 'it gives no reason')}",
            where=str(desired.key),
            remedy="mend what it names, and apply again: another one is made",
        )
    return _with_addresses(work.aws, desired, item, replace(observed, outputs=_outputs(item)))


def _addresses(aws: AwsSession, item: LoadBalancerTypeDef) -> dict[str, list[str]]:
    """The private addresses of a balancer by subnet, from its network interfaces."""
    owner = f"ELB net/{item['LoadBalancerName']}/"
    filters: Any = [
        {"Name": "vpc-id", "Values": [item["VpcId"]]},
        {"Name": "description", "Values": [f"{owner}*"]},
    ]
    pages = aws.ec2.get_paginator("describe_network_interfaces").paginate(Filters=filters)
    found: dict[str, list[str]] = {}
    for page in pages:
        for each in page["NetworkInterfaces"]:
            if each.get("Description", "").startswith(owner):
                addresses = [each["PrivateIpAddress"]] if each.get("PrivateIpAddress") else []
                addresses += [v6["Ipv6Address"] for v6 in each.get("Ipv6Addresses", [])]
                if addresses:
                    found.setdefault(each.get("SubnetId", ""), []).extend(addresses)
    return found


def _mapping(zone: Mapping[str, Any]) -> SubnetMapping:
    address: Mapping[str, Any] = next(iter(zone.get("LoadBalancerAddresses") or []), {})
    return SubnetMapping(
        zone["SubnetId"],
        private_ipv4_address=address.get("PrivateIPv4Address"),
        allocation_id=address.get("AllocationId"),
    )


def _mappings(desired: NetworkLoadBalancer) -> list[Any]:
    return [
        drop_none(
            SubnetId=require_resolved(each.subnet),
            PrivateIPv4Address=each.private_ipv4_address,
            AllocationId=each.allocation_id,
        )
        for each in desired.subnet_mappings or ()
    ]


def _create_balancer(work: CallContext, desired: NetworkLoadBalancer) -> Created:
    base, revision = require_resolved(desired.load_balancer_name), _next_revision(work, desired)
    made = work.aws.elbv2.create_load_balancer(
        Name=hashed(f"{base}-{revision}", LONGEST_NAME) if revision else base,
        Type="network",
        SubnetMappings=_mappings(desired),
        Tags=tag_list({**(desired.tags or {}), **revision_tag(revision)}),
        **drop_none(
            Scheme=desired.scheme,
            IpAddressType=desired.ip_address_type,
            SecurityGroups=[require_resolved(each) for each in desired.security_groups or ()] or None,
        ),
    )["LoadBalancers"][0]
    arn = made["LoadBalancerArn"]
    _set_balancer_attributes(work, arn, desired)
    return Created(arn, _outputs(made))


def _next_revision(work: CallContext, desired: NetworkLoadBalancer) -> str:
    """The revision of a new balancer, which distinguishes it from the one it replaces; "" for the first."""
    mark = f"kubernetes.io/cluster/{work.cluster}"
    newest = _newest(balancers_in(work.aws, {require_resolved(desired.vpc)}, mark), desired)
    if newest is None:
        return ""
    if _serves(desired, newest[0]):
        # An earlier attempt created it: creating it again returns it.
        return newest[1].get(REVISION_TAG, "")
    return str(int(datetime.now(UTC).timestamp()))


def _set_balancer_attributes(work: CallContext, arn: str, desired: NetworkLoadBalancer) -> None:
    """Sets the desired attributes; a balancer of bastions has none of its own."""
    log, zones = desired.access_log, desired.cross_zone_load_balancing
    attributes: dict[str, str] = {}
    if zones is not None:
        attributes["load_balancing.cross_zone.enabled"] = str(zones).lower()
    if log is not None:
        attributes["access_logs.s3.enabled"] = str(log.enabled).lower()
        named = {"access_logs.s3.bucket": log.s3_bucket_name, "access_logs.s3.prefix": log.s3_bucket_prefix}
        attributes |= drop_none(**named) if log.enabled else {}
    if attributes:
        settings: Any = tag_list(attributes)
        work.aws.elbv2.modify_load_balancer_attributes(LoadBalancerArn=arn, Attributes=settings)


def _update_balancer(
    work: CallContext, desired: NetworkLoadBalancer, observed: Observed, changed: frozenset[str]
) -> None:
    client, arn = work.aws.elbv2, observed.id
    if "ip_address_type" in changed:
        kind: Any = desired.ip_address_type
        client.set_ip_address_type(LoadBalancerArn=arn, IpAddressType=kind)
    if "subnet_mappings" in changed:
        _set_subnets(work, desired, observed)
    if "security_groups" in changed:
        client.set_security_groups(
            LoadBalancerArn=arn,
            SecurityGroups=[require_resolved(each) for each in desired.security_groups or ()],
        )
    if changed & {"cross_zone_load_balancing", "access_log"}:
        _set_balancer_attributes(work, arn, desired)
    retag(work, desired.tags, observed, whole=True)


def _set_subnets(work: CallContext, desired: NetworkLoadBalancer, observed: Observed) -> None:
    """Replaces the subnets.

    AWS changes the subnet of a zone in two steps: first without the zone, then with the new subnet
    (Elastic Load Balancing, "Update the Availability Zones for your Network Load Balancer").
    """
    client, mappings = work.aws.elbv2, _mappings(desired)
    seen = observed.resource
    there = {require_resolved(each.subnet) for each in getattr(seen, "subnet_mappings", None) or ()}
    wanted = {each["SubnetId"] for each in mappings}
    if there - wanted and wanted - there:
        zones = _zones(work.aws, sorted(there | wanted))
        freed = {zones[subnet] for subnet in there - wanted}
        first = [
            each for each in mappings if each["SubnetId"] in there or zones[each["SubnetId"]] not in freed
        ]
        if not first:
            raise CloudError(
                f"the load balancer {desired.name} would be in no zone while its subnets are exchanged",
                remedy="add a subnet in another zone first, apply that, then take the old one away",
            )
        if len(first) < len(mappings):
            client.set_subnets(LoadBalancerArn=observed.id, SubnetMappings=first)
    client.set_subnets(LoadBalancerArn=observed.id, SubnetMappings=mappings)


def _zones(aws: AwsSession, subnets: Sequence[str]) -> dict[str, str]:
    answer = aws.ec2.describe_subnets(SubnetIds=list(subnets))["Subnets"]
    return {each["SubnetId"]: each["AvailabilityZone"] for each in answer}


def _delete_balancer(work: CallContext, observed: Observed) -> None:
    work.aws.elbv2.delete_load_balancer(LoadBalancerArn=observed.id)


def _listeners(reading: ObservationContext, arn: str) -> list[ListenerTypeDef]:
    def ask() -> list[ListenerTypeDef]:
        pages = reading.aws.elbv2.get_paginator("describe_listeners").paginate(LoadBalancerArn=arn)
        try:
            return [each for page in pages for each in page["Listeners"]]
        except ClientError as error:
            if absent(error):
                return []
            raise

    return reading.once(f"listeners {arn}", ask)


def _observe_listener(
    reading: ObservationContext, desired: Sequence[NetworkLoadBalancerListener]
) -> list[Observed]:
    # Asked before it is known which of them are in use: that takes two more calls.
    reading.each(lambda each: _listeners(reading, each[0]["LoadBalancerArn"]), balancers(reading))
    found = []
    in_use: set[str | None] = set()
    for wanted in desired:
        arn = reading.value(wanted.load_balancer)
        in_use.add(arn)
        there = _listeners(reading, arn) if arn else []
        found += [_observed_listener(wanted, item) for item in there if item.get("Port") == wanted.port]
    return [*found, *_listeners_left(reading, in_use)]


def _listeners_left(reading: ObservationContext, in_use: set[str | None]) -> Iterator[Observed]:
    """Listeners of replaced balancers, which keep their target groups in use."""
    lifecycles = {each.name: each.lifecycle for each in reading.of(NetworkLoadBalancer)}
    for balancer, tags in balancers(reading):
        lifecycle = lifecycles.get(tags.get("Name", ""))
        if balancer["LoadBalancerArn"] in in_use or lifecycle is None:
            continue
        for item in _listeners(reading, balancer["LoadBalancerArn"]):
            name = f"{balancer['LoadBalancerName']}-{item.get('Port')}"
            yield _observed_listener(NetworkLoadBalancerListener(name=name, lifecycle=lifecycle), item)


def _observed_listener(desired: NetworkLoadBalancerListener, item: ListenerTypeDef) -> Observed:
    actions, certificates = item.get("DefaultActions", []), item.get("Certificates", [])
    seen = replace(
        desired,
        load_balancer=item["LoadBalancerArn"],
        port=item.get("Port"),
        target_group=actions[0].get("TargetGroupArn") if actions else None,
        certificate=certificates[0].get("CertificateArn") if certificates else None,
        ssl_policy=item.get("SslPolicy"),
    )
    return Observed(seen, item["ListenerArn"])


def _listener(desired: NetworkLoadBalancerListener) -> dict[str, Any]:
    return drop_none(
        Port=desired.port,
        Protocol="TLS" if desired.certificate else "TCP",
        Certificates=[{"CertificateArn": desired.certificate}] if desired.certificate else None,
        SslPolicy=desired.ssl_policy if desired.certificate else None,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": require_resolved(desired.target_group)}],
    )


def _create_listener(work: CallContext, desired: NetworkLoadBalancerListener) -> Created:
    made = work.aws.elbv2.create_listener(
        LoadBalancerArn=require_resolved(desired.load_balancer), **_listener(desired)
    )
    return Created(made["Listeners"][0]["ListenerArn"])


def _update_listener(
    work: CallContext, desired: NetworkLoadBalancerListener, observed: Observed, changed: frozenset[str]
) -> None:
    work.aws.elbv2.modify_listener(ListenerArn=observed.id, **_listener(desired))


def _delete_listener(work: CallContext, observed: Observed) -> None:
    work.aws.elbv2.delete_listener(ListenerArn=observed.id)


ADAPTERS = (
    Adapter(
        NetworkLoadBalancer,
        _observe_balancer,
        _create_balancer,
        _update_balancer,
        _delete_balancer,
        ready=_balancer_ready,
        ready_within=PROVISIONED_WITHIN,
    ),
    Adapter(
        NetworkLoadBalancerListener, _observe_listener, _create_listener, _update_listener, _delete_listener
    ),
)
