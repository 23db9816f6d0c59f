"""The corpus' generated clusters, and accounts seeded with their facts."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from kops_core.api.documents import read_documents
from kops_core.api.values import Tree
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.context import ModelSettings
from kops_core.model.template import Key
from tests.clusters import moved
from tests.conformance.resources import settings
from tests.corpus import cases, corpus_dir
from tests.infer.corpus_cases import channel

if TYPE_CHECKING:
    from tests.aws.account import Account

PUBLIC_ZONE, PRIVATE_ZONE = "ZPUBLICEXAMPLE", "ZPRIVATEEXAMPLE"
VPC, GATEWAY, GROUP = "vpc-0shared0000000000", "igw-0shared0000000000", "sg-0extra000000000000"

Change = Callable[[list[Tree]], None]
"""Edits the documents of a cluster in place."""


@cache
def applicable() -> tuple[str, ...]:
    """The cases that kOps could plan."""
    return tuple(
        case.name
        for case in cases("generated")
        if all((case / name).is_file() for name in ("dryrun.txt", "completed.yaml"))
    )


@cache
def text_of(case: str) -> str:
    """The documents of a case, as kOps stored them."""
    return (corpus_dir() / "generated" / case / "cluster.yaml").read_text()


@cache
def facts_text() -> str:
    """The facts of all cases."""
    return (corpus_dir() / "facts" / "generated.json").read_text()


@dataclass(frozen=True)
class Cluster:
    """A case in an account; ``ids``: the account's ids by the corpus' ids."""

    case: str
    ids: Mapping[str, str]

    def documents(self, change: Change | None = None) -> list[Tree]:
        """The stored documents, with an optional change."""
        found = read_documents(moved(text_of(self.case), self.ids).encode(), self.case, keep_unknown=True)
        trees = [document.tree for document in found]
        if change is not None:
            change(trees)
        return trees

    def inference(self, change: Change | None = None) -> Inference:
        """The completed specs and where their values come from."""
        return infer(
            prepare(
                self.documents(change),
                facts=keyed(json.loads(moved(facts_text(), self.ids))),
                channel=channel(),
                settings={"kopsVersion": "1.37.0-alpha.1", "featureFlags": []},
            )
        )

    def desired(self, change: Change | None = None) -> DesiredState:
        """The desired resources of the cluster."""
        return desired_resources(self.inference(change), self.settings)

    @property
    def settings(self) -> ModelSettings:
        """kOps' settings."""
        return settings(corpus_dir() / "generated" / self.case, "generated")


def furnish(account: Account, case: str) -> Cluster:
    """Creates the resources in the facts and those that the case names in an empty account."""
    text, ec2 = text_of(case), account.aws.ec2
    ids = {PUBLIC_ZONE: account.zone}
    if VPC in text:
        facts: dict[str, Any] = json.loads(facts_text())
        cidr: str = facts["vpcs"][0]["cidr"]
        # A cluster with IPv6 needs a VPC that has a block of it, whatever the facts leave out.
        vpc = ec2.create_vpc(CidrBlock=cidr, AmazonProvidedIpv6CidrBlock="nonMasqueradeCIDR: ::/0" in text)
        ids[VPC] = vpc["Vpc"]["VpcId"]
        ids[GATEWAY] = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=ids[GATEWAY], VpcId=ids[VPC])
        for subnet in facts["subnets"]:
            # The others would overlap with subnets that a cluster creates in the VPC.
            if subnet["id"] in text:
                made = ec2.create_subnet(
                    VpcId=ids[VPC], CidrBlock=subnet["cidr"], AvailabilityZone=subnet["zone"]
                )
                ids[subnet["id"]] = made["Subnet"]["SubnetId"]
        group = ec2.create_security_group(GroupName="extra", Description="extra", VpcId=ids[VPC])
        ids[GROUP] = group["GroupId"]
    if PRIVATE_ZONE in text:
        # The facts call it internal.example.com. AWS takes no record of *.example.com there.
        other = ids.get(VPC) or ec2.create_vpc(CidrBlock="10.99.0.0/16")["Vpc"]["VpcId"]
        zone: Any = account.aws.route53.create_hosted_zone(
            Name="example.com",
            CallerReference="private",
            VPC={"VPCRegion": "us-east-1", "VPCId": other},
            HostedZoneConfig={"PrivateZone": True},
        )
        ids[PRIVATE_ZONE] = str(zone["HostedZone"]["Id"]).removeprefix("/hostedzone/")
    account.calls.clear()
    return Cluster(case, ids)


def dry_run(case: str) -> set[Key]:
    """The resources of kOps' dry run on an empty account."""
    text = (corpus_dir() / "generated" / case / "dryrun.txt").read_text().partition("Will modify")[0]
    return {Key(match[1], match[2]) for match in re.finditer(r"^  ([A-Z]\w+)/(\S+)", text, re.MULTILINE)}
