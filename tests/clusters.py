"""Clusters of our own, small, for tests that plan, apply, roll and delete them. They need no corpus.

What follows from a cluster field by field is what ``tests/judge`` and the corpus compare; these are only
different enough to make each kind of resource that a test is about.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from kops_core.api.documents import read_documents
from kops_core.api.values import Tree
from kops_core.engine.channels import shipped
from kops_core.infer.complete import infer, prepare
from kops_core.infer.facts import keyed
from kops_core.infer.inference import Inference
from tests.judge.outcome import DATA

REGION = "us-east-1"
ZONE, PRIVATE_ZONE = "Z0EXAMPLEPUBLIC", "Z0EXAMPLEPRIVATE"
"""The hosted zones of the facts: ``example.com`` and ``internal.example.com``."""
IMAGE = "ami-0000000000000a001"
VPC, SUBNET = "vpc-12345678", "subnet-12345678"
"""The existing network of the facts, for clusters that share one."""
KOPS_VERSION = "1.34.0-beta.1"


@dataclass(frozen=True)
class Shape:
    """What tells a cluster from the others."""

    name: str
    version: str = "1.34.0"
    networking: str = "cni: {}"
    zones: str = "a"
    planes: int = 1
    balancer: bool = False
    private: bool = False
    ipv6: bool = False
    dns: str = ""
    """The topology's type of DNS; "" leaves it to inference."""
    node_count: int = 2
    spec: str = ""
    """More fields of the Cluster's spec, as text."""
    subnet: str = ""
    """More fields of the first subnet."""
    of_nodes: str = ""
    """More fields of the spec of the nodes' group."""


_BALANCER = """  api:
    loadBalancer:
      class: Network
      type: Public
"""
_MIXED = """  mixedInstancesPolicy:
    instances:
    - t3.large
    - m5.large
    onDemandAboveBase: 5
    onDemandBase: 0
    spotInstancePools: 3
"""
_ADDONS = """  certManager:
    enabled: true
  clusterAutoscaler:
    enabled: true
  metricsServer:
    enabled: true
  nodeProblemDetector:
    enabled: true
  nodeTerminationHandler:
    enableSQSTerminationDraining: true
  snapshotController:
    enabled: true
"""
_DISCOVERY = """  serviceAccountIssuerDiscovery:
    discoveryStore: memfs://discovery.example.com/discovery.example.com
"""


CLUSTERS = {
    each.name.removesuffix(".example.com"): each
    for each in (
        Shape("minimal-aws.example.com"),
        Shape("minimal.example.com", "1.35.0-alpha.1", dns="Public", node_count=1),
        Shape("ha.example.com", "1.32.0", zones="abc", planes=3, spec="  api:\n    dns: {}\n", dns="Public"),
        Shape(
            "warm.example.com",
            "1.32.0",
            "cilium: {}",
            spec="  warmPool:\n    enableLifecycleHook: true\n    maxSize: 1\n",
        ),
        Shape("dnsless.example.com", "1.32.0", balancer=True, dns="None", node_count=1),
        Shape("private.example.com", "1.32.0", "calico: {}", balancer=True, private=True),
        Shape("privatecilium.example.com", "1.34.0", "cilium: {}", balancer=True, private=True),
        Shape("privatedns.example.com", balancer=True, private=True, dns="Private"),
        Shape("ipv6.example.com", "1.32.0", balancer=True, private=True, ipv6=True),
        Shape("addons.example.com", spec=_ADDONS),
        Shape("mixed.example.com", of_nodes=_MIXED),
        Shape("discovery.example.com", spec=_DISCOVERY),
        Shape("sharedvpc.example.com", "1.32.0", spec=f"  networkID: {VPC}\n"),
        Shape(
            "sharedsubnet.example.com", "1.32.0", spec=f"  networkID: {VPC}\n", subnet=f"    id: {SUBNET}\n"
        ),
    )
}
"""By the first part of their names."""


def text_of(shape: Shape, region: str = REGION) -> str:
    """The Cluster and its InstanceGroups as YAML."""
    zones = [f"{region}{letter}" for letter in shape.zones]
    planes = [zones[number % len(zones)] for number in range(shape.planes)]
    documents = [_cluster(shape, zones, planes)]
    nodes = [f"nodes-{zone}" for zone in zones] if shape.ipv6 else zones
    documents.append(
        _group(
            shape,
            "nodes",
            "Node",
            machine="t3.medium",
            size=shape.node_count,
            subnets=nodes,
            more=shape.of_nodes,
        )
    )
    documents += [
        _group(shape, f"master-{zone}", "Master", machine="m5.large", size=1, subnets=[zone])
        for zone in planes
    ]
    if shape.private and not shape.ipv6:
        utility = [f"utility-{zones[0]}"]
        documents.append(_group(shape, "bastion", "Bastion", machine="t3.micro", size=1, subnets=utility))
    return "\n---\n\n".join(documents)


def _cluster(shape: Shape, zones: Sequence[str], planes: Sequence[str]) -> str:
    everywhere = ("0.0.0.0/0", "::/0") if shape.balancer else ("0.0.0.0/0",)
    balancer = (
        "  api:\n    loadBalancer:\n      class: Network\n      type: Public\n" if shape.balancer else ""
    )
    topology = f"  topology:\n    dns:\n      type: {shape.dns}\n" if shape.dns else ""
    hosted = "  dnsZone: internal.example.com\n" if shape.dns == "Private" else ""
    return (
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\n"
        f'metadata:\n  creationTimestamp: "2026-01-01T00:00:00Z"\n  name: {shape.name}\nspec:\n'
        f"  kubernetesApiAccess:\n{_items(everywhere)}"
        f"{balancer}{shape.spec}{hosted}{topology}"
        "  channel: stable\n  cloudProvider: aws\n"
        f"  configBase: memfs://clusters.example.com/{shape.name}\n"
        f"  etcdClusters:\n{_etcd('main', planes)}{_etcd('events', planes)}"
        f"  kubernetesVersion: v{shape.version}\n  networkCIDR: 172.20.0.0/16\n"
        f"  networking:\n    {shape.networking}\n"
        f"  nonMasqueradeCIDR: {'::/0' if shape.ipv6 else '100.64.0.0/10'}\n"
        f"  sshAccess:\n{_items(everywhere)}"
        f"  subnets:\n{''.join(_subnets(shape, zones))}"
    )


def _items(values: Sequence[str]) -> str:
    return "".join(f"  - {each}\n" for each in values)


def _etcd(name: str, planes: Sequence[str]) -> str:
    members = "".join(f"    - instanceGroup: master-{zone}\n      name: {zone}\n" for zone in planes)
    return f"  - etcdMembers:\n{members}    name: {name}\n"


def _subnets(shape: Shape, zones: Sequence[str]) -> list[str]:
    kind = ("DualStack" if shape.ipv6 else "Private") if shape.private else "Public"
    found = []
    for number, zone in enumerate(zones, 1):
        block = f"    ipv6CIDR: /64#{number}\n" if shape.ipv6 else ""
        own = shape.subnet if number == 1 else ""
        cidr = f"  - cidr: 172.20.{32 * number}.0/19\n"
        found.append(f"{cidr}{own}{block}    name: {zone}\n    type: {kind}\n    zone: {zone}\n")
    if shape.ipv6:  # nodes without IPv4
        for number, zone in enumerate(zones, 8):
            block = f"  - ipv6CIDR: /64#{number}\n"
            found.append(f"{block}    name: nodes-{zone}\n    type: Private\n    zone: {zone}\n")
    for number, zone in enumerate(zones, 1) if shape.private else ():
        block = f"    ipv6CIDR: /64#{number + 16:x}\n" if shape.ipv6 else ""
        cidr = f"  - cidr: 172.20.{4 * number}.0/22\n"
        found.append(f"{cidr}{block}    name: utility-{zone}\n    type: Utility\n    zone: {zone}\n")
    return found


def _group(
    shape: Shape, name: str, role: str, *, machine: str, size: int, subnets: Sequence[str], more: str = ""
) -> str:
    """An InstanceGroup."""
    return (
        "apiVersion: kops.k8s.io/v1alpha2\nkind: InstanceGroup\n"
        'metadata:\n  creationTimestamp: "2026-01-01T00:00:00Z"\n'
        f"  labels:\n    kops.k8s.io/cluster: {shape.name}\n  name: {name}\n"
        "spec:\n  image: 099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801\n"
        f"  machineType: {machine}\n  maxSize: {size}\n  minSize: {size}\n  role: {role}\n"
        f"  subnets:\n{_items(subnets)}{more}"
    )


@cache
def facts(region: str = REGION, partition: str = "aws") -> str:
    """The facts of an account that has the hosted zones and the network of these clusters."""
    found: dict[str, Any] = json.loads((DATA / "facts.json").read_text().replace(REGION, region))
    zone = f"{region}a"
    network = {"id": VPC, "cidr": "172.20.0.0/16", "tags": {}, "internetGateway": "igw-12345678"}
    return json.dumps(
        found
        | {
            "region": region,
            "partition": partition,
            "hostedZones": [
                {"id": ZONE, "name": "example.com", "private": False, "vpcs": []},
                {"id": PRIVATE_ZONE, "name": "internal.example.com", "private": True, "vpcs": []},
            ],
            "vpcs": [*found["vpcs"], network],
            "subnets": [
                *found["subnets"],
                {"id": SUBNET, "vpc": VPC, "zone": zone, "cidr": "172.20.32.0/19"},
            ],
        }
    )


def moved(text: str, ids: Mapping[str, str]) -> str:
    """A text with the ids of another account, by its own."""
    for old, new in ids.items():
        text = text.replace(old, new)
    return text


@cache
def channel() -> Tree:
    """The channel that the program has with it."""
    return shipped("stable").document


def inferred(text: str, facts_text: str, source: str = "cluster.yaml") -> Inference:
    """The completed specs of documents with facts."""
    trees = [document.tree for document in read_documents(text, source)]
    return infer(
        prepare(
            trees,
            facts=keyed(json.loads(facts_text)),
            channel=channel(),
            settings={"kopsVersion": KOPS_VERSION, "featureFlags": []},
        )
    )
