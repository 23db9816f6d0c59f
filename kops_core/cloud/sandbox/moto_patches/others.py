"""Patches of pages, IAM, load balancers, Route 53, Systems Manager."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kops_core.cloud.sandbox.moto_patches.patching import Json, patch

if TYPE_CHECKING:
    from moto.core.responses import ActionResult

IMAGES = Path(__file__).parents[1] / "images.json"
"""The images that can be launched."""

_UBUNTU = re.compile(r"hvm-ssd(?P<gp3>-gp3)?/ubuntu-[a-z]+-(?P<release>[\d.]+)-(?P<arch>\w+)-server-")


def pages() -> None:
    """Lists come in pages of the size asked for, and one that is not whole says where it goes on."""
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.ec2.responses import EC2Response

    _page(EC2Response, "describe_launch_templates", "LaunchTemplates", "MaxResults", 200)
    _page(EC2Response, "describe_launch_template_versions", "LaunchTemplateVersions", "MaxResults", 200)
    _page(EC2Response, "describe_tags", "Tags", "MaxResults", 1000)
    _page(AutoScalingResponse, "describe_tags", "Tags", "MaxRecords", 50)
    _page(AutoScalingResponse, "describe_auto_scaling_instances", "AutoScalingInstances", "MaxRecords", 50)


def _page(owner: type, name: str, items: str, size: str, default: int) -> None:
    from moto.core.responses import ActionResult

    def make(original: Callable[..., ActionResult]) -> Callable[..., ActionResult]:
        def describe(self: Json) -> ActionResult:
            limit = self._get_int_param(size, default)
            start = int(self._get_param("NextToken") or 0)
            self.params[size] = 1_000_000
            result: dict[str, Json] = dict(_result(original(self)))
            everything = list(result[items])
            result[items] = everything[start : start + limit]
            if start + limit < len(everything):
                result["NextToken"] = str(start + limit)
            return ActionResult(result)

        return describe

    patch(owner, name, make)


def _result(answer: ActionResult) -> Json:
    return answer.result


def tags_of_instance_profiles() -> None:
    """ListInstanceProfileTags is answered."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def list_instance_profile_tags(self: Json) -> ActionResult:
        profile = self.backend.get_instance_profile(self._get_param("InstanceProfileName"))
        return ActionResult({"Tags": profile.tags, "IsTruncated": False})

    IamResponse.list_instance_profile_tags = list_instance_profile_tags  # type: ignore[attr-defined]


def filters_of_nat_gateways() -> None:
    """NAT gateways are filtered by tags, too."""
    from moto.ec2.models.nat_gateways import NatGatewayBackend
    from moto.ec2.utils import generic_filter

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def describe_nat_gateways(self: Json, filters: Json, nat_gateway_ids: Json) -> Json:
            by_tag = {name: values for name, values in (filters or {}).items() if name.startswith("tag")}
            return generic_filter(by_tag, original(self, filters, nat_gateway_ids))

        return describe_nat_gateways

    patch(NatGatewayBackend, "describe_nat_gateways", make)


def names_of_load_balancers() -> None:
    """A load balancer's name is its own: asked for again it is the same one, with other settings refused."""
    from moto.elbv2.exceptions import DuplicateLoadBalancerName
    from moto.elbv2.models import ELBv2Backend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_load_balancer(self: Json, **request: Json) -> Json:
            mapped = [mapping["SubnetId"] for mapping in request.get("subnet_mappings") or []]
            subnets = {*(request.get("subnet_ids") or []), *mapped}
            for known in self.load_balancers.values():
                if known.name == request["name"]:
                    if {subnet.id for subnet in known.subnets} == subnets and known.scheme == request[
                        "scheme"
                    ]:
                        return known
                    raise DuplicateLoadBalancerName
            return original(self, **request)

        return create_load_balancer

    patch(ELBv2Backend, "create_load_balancer", make)


def names_of_target_groups() -> None:
    """A target group's name may hold hyphens side by side, just not begin or end with one."""
    from moto.elbv2.exceptions import DuplicateTargetGroupName
    from moto.elbv2.models import ELBv2Backend, FakeTargetGroup
    from moto.elbv2.utils import make_arn_for_target_group

    def make(original: Callable[..., FakeTargetGroup]) -> Callable[..., FakeTargetGroup]:
        def create_target_group(self: Json, name: str, **request: Json) -> FakeTargetGroup:
            if "--" not in name:
                return original(self, name, **request)
            if any(known.name == name for known in self.target_groups.values()):
                raise DuplicateTargetGroupName
            group = original(self, name.replace("--", "-0"), **request)
            tags = self.tagging_service.get_tag_dict_for_resource(group.arn)
            self.tagging_service.delete_all_tags_for_resource(group.arn)
            del self.target_groups[group.arn]
            group.name = name
            group.arn = make_arn_for_target_group(
                account_id=self.account_id,
                tg_id=group.arn.rpartition("/")[2],
                name=name,
                region_name=self.region_name,
            )
            self.target_groups[group.arn] = group
            self.add_tags([group.arn], [{"Key": key, "Value": value} for key, value in tags.items()])
            return group

        return create_target_group

    patch(ELBv2Backend, "create_target_group", make)


def listeners_by_port() -> None:
    """A load balancer has one listener for a port: asked for again it is the same one, with other
    settings refused."""
    from moto.elbv2.exceptions import DuplicateListenerError
    from moto.elbv2.models import ELBv2Backend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def create_listener(self: Json, **request: Json) -> Json:
            balancer = self.load_balancers.get(request["load_balancer_arn"])
            for known in balancer.listeners.values() if balancer else ():
                if str(known.port) == str(request["port"]):
                    targets = [action.data.get("TargetGroupArn") for action in known.default_actions]
                    wanted = [action.get("TargetGroupArn") for action in request["actions"]]
                    if (known.protocol, targets) == (request["protocol"], wanted):
                        return known
                    raise DuplicateListenerError
            return original(self, **request)

        return create_listener

    patch(ELBv2Backend, "create_listener", make)


def records_that_exist() -> None:
    """A record set is created only where there is none, and deleted only where there is one."""
    from moto.route53.exceptions import Route53ClientError
    from moto.route53.models import Route53Backend

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def change_resource_record_sets(self: Json, zoneid: str, change_list: list[Json]) -> None:
            zone = self.get_hosted_zone(zoneid)
            known = {(record.name.rstrip("."), record.type) for record in zone.rrsets}
            for change in change_list:
                record = change["ResourceRecordSet"]
                name, kind = record["Name"].rstrip("."), record["Type"]
                refused = "CREATE" if (name, kind) in known else "DELETE"
                if change["Action"] == refused and record.get("SetIdentifier") is None:
                    reason = "it already exists" if refused == "CREATE" else "it was not found"
                    what = f"resource record set [name='{name}.', type='{kind}']"
                    message = f"Tried to {refused.lower()} {what} but {reason}"
                    raise Route53ClientError("InvalidChangeBatch", message)
                if change["Action"] == "CREATE" and change in zone.rr_changes:
                    # It was created before and is gone: moto treats it as existing.
                    zone.rr_changes[:] = [each for each in zone.rr_changes if each != change]
            original(self, zoneid, change_list)

        return change_resource_record_sets

    patch(Route53Backend, "change_resource_record_sets", make)


def parameters_that_name_images() -> None:
    """Canonical publishes the ids of its current images as public parameters."""
    from moto.ssm import models

    published = _published(json.loads(IMAGES.read_text()))
    parameter: Json = models.Parameter

    def make(original: Callable[..., None]) -> Callable[..., None]:
        def check_loading_status(self: models.ParameterDict, key: str) -> None:
            original(self, key)
            if key in published and not dict.__contains__(self, key):
                made = parameter(
                    account_id=self.account_id,
                    name=key,
                    value=published[key],
                    parameter_type="String",
                    description=None,
                    allowed_pattern=None,
                    keyid=None,
                    last_modified_date=datetime.now(UTC),
                    version=1,
                    data_type="aws:ec2:image",
                )
                dict.__setitem__(self, key, [made])

        return check_loading_status

    patch(models.ParameterDict, "_check_loading_status", make)


def _published(images: list[dict[str, str]]) -> dict[str, str]:
    """Name of the public parameter -> image id."""
    found: dict[str, str] = {}
    for image in images:
        match = _UBUNTU.search(image["name"])
        if match is not None:
            folder = f"/aws/service/canonical/ubuntu/server/{match['release']}/stable/current/{match['arch']}"
            found[f"{folder}/hvm/ebs-{'gp3' if match['gp3'] else 'gp2'}/ami-id"] = image["ami_id"]
    return found


def zones_of_network_load_balancers() -> None:
    """A network load balancer may be left with a subnet in one zone alone."""
    from moto.elbv2.models import ELBv2Backend

    def make(original: Callable[..., Json]) -> Callable[..., Json]:
        def set_subnets(
            self: ELBv2Backend, arn: str, subnets: list[str], subnet_mappings: list[Json]
        ) -> Json:
            balancer = self.load_balancers.get(arn)
            ids = [*subnets, *(each["SubnetId"] for each in subnet_mappings)]
            if balancer is None or balancer.type != "network" or len(ids) != 1:
                return original(self, arn, subnets, subnet_mappings)
            balancer.subnets = [self._get_subnet({}, ids[0])]
            return [AvailabilityZone(balancer.subnets[0])]

        return set_subnets

    from moto.elbv2.models import AvailabilityZone

    patch(ELBv2Backend, "set_subnets", make)
