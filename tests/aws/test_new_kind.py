"""A new kind of resource as docs/recipes.md adds one: four pieces, and everything else follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kops_core.cloud.aws.adapter import (
    Adapter,
    CallContext,
    Created,
    require_resolved,
    retag_ec2,
    tag_specification,
)
from kops_core.cloud.aws.adapter_table import ADAPTERS
from kops_core.cloud.aws.builders.context import vpc_of
from kops_core.cloud.aws.discovery.context import DiscoveryContext, ids, tagged
from kops_core.cloud.aws.model import AWS
from kops_core.cloud.aws.observation import ObservationContext, matched, tags_of
from kops_core.cloud.aws.resources.network import VPC
from kops_core.cloud.aws.terraform.render import ARGUMENTS, MODULE, render
from kops_core.cloud.aws.terraform.scope import Scope
from kops_core.cloud.terraform.hcl import Body, arguments
from kops_core.model.build import ModelFault
from kops_core.model.context import Context
from kops_core.model.kind_spec import Area, Phase, Risk, RiskProfile, TerraformName
from kops_core.model.lifecycles import Part, narrowed
from kops_core.model.prune_policy import delete_when_pruning
from kops_core.model.resource import KindSpec, Lifecycle, Resource, attr
from kops_core.model.template import Key, Link
from kops_core.plan.changes import Action
from kops_core.plan.render import text
from kops_core.plan.snapshot import DiscoveredResource, Observed
from tests.aws.account import Account
from tests.aws.clusters import completed, desired, modelled
from tests.operations.deleting import delete, listing
from tests.terraform.module import settings

if TYPE_CHECKING:
    from mypy_boto3_ec2.type_defs import VpcEndpointTypeDef

CASE, NAME = "minimal", "minimal.example.com"


# 1. The dataclass with its record: kops_core/cloud/aws/resources/network.py


@dataclass(frozen=True, kw_only=True)
class VPCEndpoint(Resource):
    """A gateway endpoint of the VPC for an AWS service. Outputs: ``id``."""

    spec = KindSpec(
        area=Area.NETWORK,
        phase=Phase.NETWORK,
        needed_at_boot=True,
        risk=RiskProfile(on_loss=Risk.LIVE),
        prune=delete_when_pruning,
        terraform=TerraformName("aws_vpc_endpoint"),
    )

    vpc: Link = attr(immutable=True)
    service_name: str | None = attr(replace=True)
    tags: Mapping[str, str] | None = attr(partial_map=True)


# 2. The builder: kops_core/cloud/aws/builders/network.py


def endpoints(c: Context) -> Iterator[Resource]:
    yield c.make(s3_endpoint)


def s3_endpoint(c: Context) -> VPCEndpoint:
    name = f"s3.{c.name}"
    service = f"com.amazonaws.{c.region}.s3"
    return VPCEndpoint(name=name, vpc=vpc_of(c), service_name=service, tags=c.tags(name))


# 3. The adapter: kops_core/cloud/aws/adapters/network.py


def _observe(reading: ObservationContext, desired: Sequence[VPCEndpoint]) -> list[Observed]:
    pages = reading.aws.ec2.get_paginator("describe_vpc_endpoints")
    items = reading.ec2(
        VPCEndpoint,
        "vpc-endpoint-id",
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["VpcEndpoints"]],
    )
    alive = [each for each in items if each["State"].lower() == "available"]
    found = [_observed(*pair) for pair in matched(desired, alive, "VpcEndpointId")]
    wanted = {each.id for each in found}
    return found + [
        _observed(VPCEndpoint(name=tags_of(item).get("Name", "")), item)
        for item in alive
        if item["VpcEndpointId"] not in wanted
    ]


def _observed(desired: VPCEndpoint, item: VpcEndpointTypeDef) -> Observed:
    seen = replace(desired, vpc=item["VpcId"], service_name=item["ServiceName"], tags=tags_of(item))
    return Observed(seen, item["VpcEndpointId"])


def _create(work: CallContext, desired: VPCEndpoint) -> Created:
    made = work.aws.ec2.create_vpc_endpoint(
        VpcEndpointType="Gateway",
        VpcId=require_resolved(desired.vpc),
        ServiceName=require_resolved(desired.service_name),
        ClientToken=work.token,
        TagSpecifications=tag_specification("vpc-endpoint", desired.tags),
    )
    return Created(made["VpcEndpoint"]["VpcEndpointId"])


def _update(work: CallContext, desired: VPCEndpoint, observed: Observed, changed: frozenset[str]) -> None:
    retag_ec2(work, observed.id, desired.tags, observed)


def _delete(work: CallContext, observed: Observed) -> None:
    work.aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[observed.id])


def _discover(context: DiscoveryContext) -> list[DiscoveredResource]:
    pages = context.aws.ec2.get_paginator("describe_vpc_endpoints")
    items = context.ec2(
        lambda filters: [each for page in pages.paginate(Filters=filters) for each in page["VpcEndpoints"]],
        "VpcEndpointId",
    )
    return tagged(
        context,
        (item for item in items if item["State"].lower() == "available"),
        lambda item: DiscoveredResource("VPCEndpoint", item["VpcEndpointId"], uses=ids(item["VpcId"])),
    )


ENDPOINTS = Adapter(VPCEndpoint, _observe, _create, _update, _delete, companion_of=VPC, discover=_discover)


# 4. The Terraform body: kops_core/cloud/aws/terraform/network.py


def vpc_endpoint(s: Scope, r: VPCEndpoint) -> Body:
    return arguments(service_name=r.service_name, tags=r.tags, vpc_id=s.link(r.vpc))


# The last lines of those modules register the pieces; here they are passed in.


@pytest.fixture
def account(account: Account) -> Account:
    account.adapters = {**ADAPTERS, "VPCEndpoint": ENDPOINTS}
    return account


_WITH_ENDPOINT = replace(
    AWS, kinds={**AWS.kinds, "VPCEndpoint": VPCEndpoint}, builders=(*AWS.builders, endpoints)
)


def ids_in(account: Account) -> list[str]:
    found = account.aws.ec2.describe_vpc_endpoints()["VpcEndpoints"]
    return [each["VpcEndpointId"] for each in found if each["State"].lower() != "deleted"]


ENDPOINT = Key("VPCEndpoint", f"s3.{NAME}")


def test_it_is_planned_and_applied_under_its_heading_and_before_machines(
    account: Account, tmp_path: Path
) -> None:
    state = modelled(completed(CASE, account.zone), _WITH_ENDPOINT)
    plan, _ = account.plan(state)
    changes = {change.key: change for change in plan.changes}
    assert (changes[ENDPOINT].action, changes[ENDPOINT].area) == (Action.CREATE, Area.NETWORK)
    assert ENDPOINT in changes[Key("AutoscalingGroup", f"nodes.{NAME}")].needs
    network = text(plan).partition("Firewall (")[0]
    assert f"+ VPCEndpoint/s3.{NAME}\n        vpc: (known after apply)\n" in network
    assert account.apply(state, tmp_path).ok
    assert len(ids_in(account)) == 1
    after, _ = account.plan(state)
    assert (after.pending, after.deferred, after.warnings) == ((), (), ())


def test_what_nobody_desires_any_more_is_deleted_when_pruning(account: Account, tmp_path: Path) -> None:
    assert account.apply(modelled(completed(CASE, account.zone), _WITH_ENDPOINT), tmp_path / "made").ok
    without = desired(CASE, account.zone)
    plan, _ = account.plan(without)
    assert not plan.pending
    assert [change.key for change in plan.deferred] == [ENDPOINT]
    assert account.apply(without, tmp_path / "pruned", prune=True).ok
    assert ids_in(account) == []


@pytest.mark.parametrize(
    ("phase", "lifecycle"),
    [
        (Phase.NETWORK, Lifecycle.SYNC),
        (Phase.SECURITY, Lifecycle.EXISTS_AND_WARN_IF_CHANGES),
        (Phase.CLUSTER, Lifecycle.EXISTS_AND_VALIDATES),
    ],
)
def test_it_is_made_in_its_phase(phase: Phase, lifecycle: Lifecycle) -> None:
    state = narrowed(modelled(completed(CASE), _WITH_ENDPOINT), Part(phase))
    assert state.by_key()[ENDPOINT].lifecycle is lifecycle


def test_it_can_not_be_shared() -> None:
    def shared(c: Context) -> Iterator[Resource]:
        yield VPCEndpoint(name="theirs", shared=True, existing_id="vpce-1")

    with pytest.raises(ModelFault, match="can't be shared"):
        modelled(completed(CASE), replace(AWS, builders=(*AWS.builders, shared)))


def test_terraform_writes_it_under_its_address() -> None:
    files = render(
        modelled(completed(CASE), _WITH_ENDPOINT),
        settings("upstream/update", completed(CASE)),
        {**ARGUMENTS, VPCEndpoint: vpc_endpoint},
    )
    block = files[MODULE].decode().partition('resource "aws_vpc_endpoint" "s3-minimal-example-com" {')[2]
    assert "vpc_id = aws_vpc.minimal-example-com.id" in block.partition("\n}\n")[0]


@pytest.mark.full
def test_deleting_the_cluster_finds_it_and_takes_it_along(account: Account, tmp_path: Path) -> None:
    before = listing(account)
    assert account.apply(modelled(completed(CASE, account.zone), _WITH_ENDPOINT), tmp_path / "made").ok
    (id_,) = ids_in(account)
    outcome = delete(account, NAME, tmp_path / "deleted")
    assert outcome.ok, outcome.failed
    steps = list(outcome.done)
    vpc = next(step for step in steps if step.startswith("VPC/"))
    assert steps.index(f"VPCEndpoint/{id_}") < steps.index(vpc)
    assert ids_in(account) == []
    assert listing(account) == before
