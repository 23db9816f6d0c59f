"""Existing etcd clusters, by the volumes in the account."""

from __future__ import annotations

import boto3

from kops_core.cloud.aws.etcd_status import etcd_clusters
from tests.aws.account import READING, Account

NAME = "a.example.com"


def test_only_volumes_of_this_clusters_control_plane_count(account: Account) -> None:
    ec2 = boto3.client("ec2")

    def volume(cluster: str, **tags: str) -> None:
        every = {"KubernetesCluster": cluster, **tags}
        ec2.create_volume(
            AvailabilityZone="us-east-1a",
            Size=20,
            TagSpecifications=[
                {
                    "ResourceType": "volume",
                    "Tags": [{"Key": key, "Value": value} for key, value in every.items()],
                }
            ],
        )

    assert etcd_clusters(account.aws, NAME) == frozenset()
    volume("b.example.com", **{"k8s.io/etcd/main": "a/a", "k8s.io/role/control-plane": "1"})
    volume(NAME, **{"k8s.io/role/control-plane": "1"})
    volume(NAME, **{"k8s.io/etcd/events": "a/a"})
    assert etcd_clusters(account.aws, NAME) == frozenset()
    for member in "abc":
        volume(NAME, **{"k8s.io/etcd/main": f"{member}/a,b,c", "k8s.io/role/control-plane": "1"})
    volume(NAME, **{"k8s.io/etcd/cilium": "a/a", "k8s.io/role/master": "1"})
    account.calls.clear()
    assert etcd_clusters(account.aws, NAME) == {"main", "cilium"}
    assert all(call.operation.startswith(READING) for call in account.calls)
