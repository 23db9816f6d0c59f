"""Finds the etcd clusters that exist, by their volumes. Facts: kOps' upup/pkg/fi/cloudup/awsup/status.go."""

from __future__ import annotations

from kops_core.cloud.aws.errors import translated
from kops_core.cloud.aws.observation import tags_of
from kops_core.cloud.aws.session import AwsSession

_ETCD = "k8s.io/etcd/"
"""Prefix of the tag that names the etcd cluster of a volume."""
_ROLES = ("k8s.io/role/control-plane", "k8s.io/role/master")


def etcd_clusters(aws: AwsSession, cluster: str) -> frozenset[str]:
    """I/O. The names of the etcd clusters that have a volume, e.g. ``main``. Raises CloudError."""
    found: set[str] = set()
    with translated(f"etcd volumes of {cluster}"):
        pages = aws.ec2.get_paginator("describe_volumes").paginate(
            Filters=[{"Name": "tag:KubernetesCluster", "Values": [cluster]}]
        )
        for page in pages:
            for volume in page["Volumes"]:
                tags = tags_of(volume)
                if any(role in tags for role in _ROLES):
                    found |= {key.removeprefix(_ETCD) for key in tags if key.startswith(_ETCD)}
    return frozenset(found)
