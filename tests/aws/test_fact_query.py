"""The facts that a cluster's documents need are read from the account."""

from __future__ import annotations

import pytest

from kops_core.api.values import Value
from kops_core.cloud.aws.fact_query import fact_query


@pytest.mark.parametrize(
    ("store", "buckets"),
    [
        ("s3://oidc/clusters/c.example.com", ("oidc",)),
        ("s3://oidc", ("oidc",)),
        ("memfs://oidc/c.example.com", ()),
        (None, ()),
    ],
)
def test_the_bucket_of_a_discovery_store_is_asked_for(store: Value, buckets: tuple[str, ...]) -> None:
    cluster: Value = {"spec": {"serviceAccountIssuerDiscovery": {"discoveryStore": store}}}
    assert isinstance(cluster, dict)
    assert fact_query(cluster, ()).buckets == buckets
