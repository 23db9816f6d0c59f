"""What is refused of a completed Cluster, before a plan, and not when it is written."""

from __future__ import annotations

import pytest

from kops_core.api.values import Tree
from kops_core.validate.cluster import validate_cluster
from tests.validate.samples import cluster, expected, places

_MEMBER = "spec.etcdClusters[0].etcdMembers[0]"


@pytest.mark.parametrize(("kind", "iops"), [("io1", 1000), ("io2", 10000), ("gp3", 3000), ("gp2", 99999)])
def test_volumes_that_ebs_has(kind: str, iops: int) -> None:
    changed = cluster({f"{_MEMBER}.volumeType": kind, f"{_MEMBER}.volumeIops": iops})
    assert places(validate_cluster(changed, strict=True)) == places(validate_cluster(cluster(), strict=True))


@pytest.mark.parametrize(
    ("pods", "cidr", "missing"),
    [
        ("100.64.0.0/10", None, True),
        ("100.64.0.0/10", "2001:db8::/64", True),
        ("::/0", None, True),
        ("::/0", "2001:db8::/64", False),
    ],
)
def test_a_subnet_of_a_completed_spec_has_a_range_of_either_family(
    pods: str, cidr: str | None, missing: bool
) -> None:
    """Without IPv4 it can do if pods have IPv6 addresses."""
    changes: Tree = {"spec.nonMasqueradeCIDR": pods, "spec.subnets[0].cidr": None}
    changed = cluster({**changes, **({"spec.subnets[0].ipv6CIDR": cidr} if cidr else {})})
    found = places(validate_cluster(changed, strict=True))
    assert (("spec.subnets[0].cidr", "Required value") in found) == missing


def test_a_completed_spec_has_all_components_and_ranges() -> None:
    found = places(validate_cluster(cluster(), strict=True))
    assert ("spec.kubelet", "Required value") in found
    assert ("spec.podCIDR", "Required value") in found
    assert ("spec.serviceClusterIPRange", "Required value") in found


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        (
            {"spec.etcdClusters[0].heartbeatInterval": "200ms"},
            "spec.etcdClusters[0].heartbeatInterval: Forbidden",
        ),
        ({"spec.etcdClusters[0].version": "3.4.3"}, "spec.etcdClusters[0].version: Invalid value"),
        (
            {"spec.kubeControllerManager": {"attachDetachReconcileSyncPeriod": "500ms"}},
            "spec.kubeControllerManager.attachDetachReconcileSyncPeriod: Invalid value",
        ),
        ({"spec.subnets[0].cidr": None}, "spec.subnets[0].cidr: Required value"),
        (
            {
                "spec.iam.serviceAccountExternalPermissions": [
                    {"name": "a*", "namespace": "*", "aws": {"inlinePolicy": "[]"}}
                ]
            },
            "spec.iam.serviceAccountExternalPermissions[0].name: Invalid value",
        ),
        *(
            (
                {f"{_MEMBER}.volumeType": kind, f"{_MEMBER}.volumeIops": iops},
                f"{_MEMBER}.volumeIops: Invalid value",
            )
            for kind, iops in (("io1", 1001), ("io2", 10001), ("gp3", 10001))
        ),
        ({f"{_MEMBER}.volumeThroughput": 800}, f"{_MEMBER}.volumeThroughput: Invalid value"),
        ({"spec.api.loadBalancer.class": None}, "spec.api.loadBalancer.class: Unsupported value"),
    ],
)
def test_what_is_refused_before_a_plan_only(changes: Tree, errors: str) -> None:
    changed = cluster(changes)
    before = places(validate_cluster(cluster(), strict=True))
    assert places(validate_cluster(changed)) == set()
    assert expected(errors) <= places(validate_cluster(changed, strict=True)) - before
