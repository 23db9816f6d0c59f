"""Deletes discovered resources: by the adapter of the kind, if there is one.

A deletion returns once the resource is gone. While it is being deleted or still in use, it raises NotReady
or CloudConflict, and has to be retried.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from kops_core.cloud.aws.adapter import Adapter, CallContext
from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.errors import code_of
from kops_core.cloud.aws.resources.network import InternetGateway
from kops_core.cloud.aws.security_group_rules import list_rules
from kops_core.errors import CloudConflict, NotReady
from kops_core.plan.snapshot import DiscoveredResource, Observed

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ChangeTypeDef

_HELD = frozenset({"AuthFailure", "InvalidIPAddress.InUse", "VolumeInUse", "InvalidNetworkInterface.InUse"})
"""Further error codes for a resource that is still in use (kOps).

EC2 returns AuthFailure for an address that is still associated.
"""


def delete(
    work: CallContext, resource: DiscoveredResource, adapters: Mapping[str, Adapter[Any]] = ADAPTERS
) -> None:
    """Deletes one resource. Raises ClientError, CloudError."""
    own = _DELETERS.get(resource.kind)
    try:
        if own is not None:
            own(work, resource)
        else:
            _by_adapter(work, resource, adapters[resource.kind])
    except ClientError as error:
        code = code_of(error)
        if code in _HELD and resource.kind in {"ElasticIP", "EBSVolume", "NetworkInterface"}:
            raise CloudConflict("something still uses it", where=str(resource.key), code=code) from error
        raise


def _by_adapter(work: CallContext, resource: DiscoveredResource, adapter: Adapter[Any]) -> None:
    name = resource.id.removeprefix("profile/")
    adapter.delete(work, Observed(adapter.kind(name=resource.name or name), name))


def _group(work: CallContext, resource: DiscoveredResource) -> None:
    client = work.aws.autoscaling

    def there() -> Sequence[Mapping[str, Any]]:
        return client.describe_auto_scaling_groups(AutoScalingGroupNames=[resource.id])["AutoScalingGroups"]

    found = there()
    if found and not found[0].get("Status"):
        _by_adapter(work, resource, ADAPTERS[resource.kind])
        found = there()
    if found:
        left = len(found[0].get("Instances", []))
        raise NotReady(f"it is being deleted, with {left} instances left", where=str(resource.key))


def _instance(work: CallContext, resource: DiscoveredResource) -> None:
    answer = work.aws.ec2.terminate_instances(InstanceIds=[resource.id])["TerminatingInstances"]
    state = answer[0]["CurrentState"].get("Name", "") if answer else "terminated"
    if state != "terminated":
        raise NotReady(f"it is {state}", where=str(resource.key))


def _nat_gateway(work: CallContext, resource: DiscoveredResource) -> None:
    def state() -> str:
        found = work.aws.ec2.describe_nat_gateways(NatGatewayIds=[resource.id])["NatGateways"]
        return found[0]["State"] if found else "deleted"

    now = state()
    if now not in {"deleting", "deleted"}:
        _by_adapter(work, resource, ADAPTERS[resource.kind])
        now = state()
    if now != "deleted":
        raise NotReady(f"it is {now}", where=str(resource.key))


def _internet_gateway(work: CallContext, resource: DiscoveredResource) -> None:
    ec2 = work.aws.ec2
    found = ec2.describe_internet_gateways(InternetGatewayIds=[resource.id])["InternetGateways"]
    vpc = next((each.get("VpcId") for item in found for each in item.get("Attachments", [])), None)
    ADAPTERS[resource.kind].delete(work, Observed(InternetGateway(name=resource.name, vpc=vpc), resource.id))


def _interface(work: CallContext, resource: DiscoveredResource) -> None:
    work.aws.ec2.delete_network_interface(NetworkInterfaceId=resource.id)


def _rules(work: CallContext, resource: DiscoveredResource) -> None:
    # EC2 refuses the whole call if one of the rules does not exist any more.
    group = resource.details["group"]
    there = {rule["SecurityGroupRuleId"] for rule in list_rules(work.aws, "group-id", [group])}
    ingress = [each for each in resource.details["ingress"].split(",") if each in there]
    egress = [each for each in resource.details["egress"].split(",") if each in there]
    if ingress:
        work.aws.ec2.revoke_security_group_ingress(GroupId=group, SecurityGroupRuleIds=ingress)
    if egress:
        work.aws.ec2.revoke_security_group_egress(GroupId=group, SecurityGroupRuleIds=egress)


def _mark(work: CallContext, resource: DiscoveredResource) -> None:
    details = resource.details
    work.aws.ec2.delete_tags(Resources=[details["resource"]], Tags=[{"Key": details["key"]}])


def _balancer(work: CallContext, resource: DiscoveredResource) -> None:
    ADAPTERS["NetworkLoadBalancer"].delete(
        work, Observed(ADAPTERS["NetworkLoadBalancer"].kind(name=resource.name), resource.id)
    )


def _classic(work: CallContext, resource: DiscoveredResource) -> None:
    work.aws.elb.delete_load_balancer(LoadBalancerName=resource.id)


def _record(work: CallContext, resource: DiscoveredResource) -> None:
    change: ChangeTypeDef = {"Action": "DELETE", "ResourceRecordSet": json.loads(resource.details["record"])}
    try:
        work.aws.route53.change_resource_record_sets(
            HostedZoneId=resource.details["zone"], ChangeBatch={"Changes": [change]}
        )
    except ClientError as error:
        if code_of(error) != "InvalidChangeBatch" or "not found" not in str(error):
            raise


_DELETERS: Mapping[str, Callable[[CallContext, DiscoveredResource], None]] = {
    "AutoscalingGroup": _group,
    "ClassicLoadBalancer": _classic,
    "ClusterTag": _mark,
    "DNSRecord": _record,
    "Instance": _instance,
    "InternetGateway": _internet_gateway,
    "LoadBalancer": _balancer,
    "NatGateway": _nat_gateway,
    "NetworkInterface": _interface,
    "SecurityGroupRules": _rules,
}
