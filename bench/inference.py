"""Benchmarks of inference: a large cluster with all add-ons, and a thousand clusters."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

from bench.figures import Figure, median_seconds
from kops_core.api.path import set_at
from kops_core.api.values import Tree, Value
from kops_core.infer.complete import infer, prepare
from kops_core.infer.inference import Inputs

_ZONES = ("a", "b", "c")
_CLUSTERS = 1000


def run() -> list[Figure]:
    """Seconds of inference, warm; and of the command line, cold."""
    given = large()
    warm = median_seconds(lambda: infer(given).cluster)
    groups = median_seconds(lambda: infer(given).instance_groups)
    begin = time.perf_counter()
    for number in range(_CLUSTERS):
        cluster = set_at(given.cluster, ("metadata", "name"), f"c{number}.example.com")
        _ = infer(Inputs(cluster, given.instance_groups, given.facts, given.channel, given.settings)).cluster
    many = time.perf_counter() - begin
    done = infer(given)
    _ = done.cluster
    edited = Inputs(
        set_at(given.cluster, ("spec", "kubelet", "maxPods"), 50),
        given.instance_groups,
        given.facts,
        given.channel,
        given.settings,
    )
    edit = median_seconds(lambda: done.after(edited).cluster)
    return [
        Figure("infer a large cluster", warm * 1000, "ms", target="< 25 ms"),
        Figure("infer its instance groups", groups * 1000, "ms"),
        Figure("infer again after an edit", edit * 1000, "ms", "from scratch", edit / warm),
        Figure(f"infer {_CLUSTERS} clusters", many, "s", target="< 20 s"),
        Figure("import the rules", _import() * 1000, "ms"),
    ]


def large() -> Inputs:
    """A highly available cluster with Cilium, add-ons and ten instance groups."""
    spec: Tree = {
        "cloudProvider": "aws",
        "configBase": "s3://state/large.example.com",
        "kubernetesVersion": "1.36.0",
        "nonMasqueradeCIDR": "100.64.0.0/10",
        "networkCIDR": "172.20.0.0/16",
        "networking": {"cilium": {"enableEncryption": True}},
        "topology": {"dns": {"type": "None"}},
        "etcdClusters": [
            {
                "name": name,
                "etcdMembers": [{"name": zone, "instanceGroup": f"control-{zone}"} for zone in _ZONES],
            }
            for name in ("main", "events")
        ],
        "subnets": [
            {"name": f"{kind}-{zone}", "type": kind, "zone": f"us-east-1{zone}"}
            for kind in ("Private", "Utility")
            for zone in _ZONES
        ],
        "egressProxy": {"httpProxy": {"host": "proxy.example.com", "port": 3128}},
        **{
            name: {"enabled": True}
            for name in ("clusterAutoscaler", "metricsServer", "certManager", "nodeProblemDetector")
        },
    }
    groups: list[Tree] = [
        _group(f"control-{zone}", {"role": "Master", "subnets": [f"Private-{zone}"]}) for zone in _ZONES
    ]
    groups += [_group(f"nodes-{number}", {"role": "Node", "machineType": "m5.large"}) for number in range(7)]
    kinds: list[Value] = [{"name": name, "architectures": ["x86_64"]} for name in ("t3.medium", "m5.large")]
    image: Tree = {"providerID": "aws", "architectureID": "amd64", "name": "owner/image"}
    return prepare(
        [{"kind": "Cluster", "metadata": {"name": "large.example.com"}, "spec": spec}, *groups],
        facts={"instanceTypes": kinds},
        channel={"spec": {"images": [image]}},
        settings={"kopsVersion": "1.37.0"},
    )


def _group(name: str, spec: Tree) -> Tree:
    return {"kind": "InstanceGroup", "metadata": {"name": name}, "spec": spec}


def _import() -> float:
    code = "from kops_core.infer.complete import rule_book; rule_book()"
    root = Path(__file__).resolve().parents[1]

    def timed(text: str) -> float:
        return median_seconds(lambda: subprocess.run([sys.executable, "-c", text], check=True, cwd=root))

    return timed(code) - timed("pass")
