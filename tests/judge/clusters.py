"""The judge's clusters: a specification each, made by ``create cluster`` and some edits, and kept as YAML.

The specifications lie in ``tests/data/clusters/<name>/cluster.yaml`` and are the input of the judge; this
list only says how they were made, for making another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

IMAGE = "099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260801"
_COMMON = ("--cloud=aws", f"--image={IMAGE}", "--control-plane-size=m5.large", "--node-size=t3.medium")
_THREE = "--zones=us-east-1a,us-east-1b,us-east-1c"


@dataclass(frozen=True)
class Made:
    """How a cluster's specification was made."""

    words: Sequence[str]
    """Of ``create cluster``, without the name and what all have."""
    edits: Sequence[tuple[str, str, str]] = ()
    """Object, field and text, as ``edit --set`` takes them."""

    def arguments(self, name: str) -> list[str]:
        """All words of ``create cluster``."""
        given = {word.partition("=")[0] for word in self.words}
        common = [each for each in _COMMON if each.partition("=")[0] not in given]
        return [f"{name}.judge.example", *common, *self.words]


_NODES = "nodes-us-east-1a"
_PLANE = "control-plane-us-east-1a"

CLUSTERS: dict[str, Made] = {
    "small": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.35.0"]),
    "oldest": Made(["--zones=us-east-1a", "--networking=calico", "--kubernetes-version=1.32.4"]),
    "newest": Made(["--zones=us-east-1a", "--networking=cilium", "--kubernetes-version=1.37.0"]),
    "ha": Made([_THREE, "--networking=cilium", "--control-plane-count=3", "--node-count=6"]),
    "private": Made(
        [_THREE, "--networking=cilium", "--topology=private", "--bastion", "--api-loadbalancer-type=internal"]
    ),
    "vpc-cni": Made([_THREE, "--networking=amazonvpc", "--dns-zone=judge.example"]),
    "kindnet": Made(["--zones=us-east-1b", "--networking=kindnet", "--dns=none"]),
    "flannel": Made(["--zones=us-east-1a", "--networking=flannel", "--dns-zone=judge.example"]),
    "ipv6": Made([_THREE, "--networking=cilium", "--ipv6"]),
    "arm": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--node-size=t4g.medium",
            "--control-plane-size=m6g.large",
            "--image=099720109477/ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20260801",
        ]
    ),
    "shared-vpc": Made(
        [
            "--zones=us-east-1a,us-east-1b",
            "--networking=calico",
            "--vpc=vpc-0a1b2c3d4e5f60001",
            "--subnets=subnet-0a1b2c3d4e5f60001,subnet-0a1b2c3d4e5f60002",
        ]
    ),
    "private-dns": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--dns=private",
            "--dns-zone=inside.example",
            "--vpc=vpc-0a1b2c3d4e5f60001",
            "--subnets=subnet-0a1b2c3d4e5f60001",
        ]
    ),
    "oidc": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--discovery-store=s3://judge-state/discovery",
        ],
        [
            ("cluster", "spec.serviceAccountIssuerDiscovery.enableAWSOIDCProvider", "true"),
            ("cluster", "spec.iam.useServiceAccountExternalPermissions", "true"),
        ],
    ),
    "kubelet": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.kubelet.maxPods", "80"),
            ("cluster", "spec.kubelet.evictionHard", "memory.available<5%"),
            (_NODES, "spec.kubelet.maxPods", "40"),
            (_PLANE, "spec.rootVolumeSize", "100"),
        ],
    ),
    "access": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--admin-access=10.0.0.0/8",
            "--ssh-access=pl-0123456789abcdef0",
        ]
    ),
    "spot": Made(
        ["--zones=us-east-1a,us-east-1b", "--networking=cilium"],
        [
            (_NODES, "spec.maxPrice", "0.05"),
            (_NODES, "spec.minSize", "0"),
            (_NODES, "spec.maxSize", "10"),
        ],
    ),
    "addons": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.certManager.enabled", "true"),
            ("cluster", "spec.metricsServer.enabled", "true"),
            ("cluster", "spec.clusterAutoscaler.enabled", "true"),
            ("cluster", "spec.snapshotController.enabled", "true"),
        ],
    ),
    "node-local-dns": Made(
        ["--zones=us-east-1a", "--networking=calico"],
        [("cluster", "spec.kubeDNS.nodeLocalDNS.enabled", "true")],
    ),
    "termination": Made(
        ["--zones=us-east-1a", "--networking=cilium"],
        [
            ("cluster", "spec.nodeTerminationHandler.enableSQSTerminationDraining", "true"),
            ("cluster", "spec.nodeProblemDetector.enabled", "true"),
        ],
    ),
    "labelled": Made(
        [
            "--zones=us-east-1a",
            "--networking=cilium",
            "--cloud-labels=team=judge,cost=42",
            "--encrypt-etcd-storage",
        ],
        [(_NODES, "spec.nodeLabels", "tier=web"), (_NODES, "spec.taints", "dedicated=web:NoSchedule")],
    ),
}
