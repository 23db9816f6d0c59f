"""Applies one of the clusters of tests, as a program of its own: ``python -m tests.operations.applier``.

Arguments: cluster, hosted zone, folder of the store, folder of the journals. The environment has the endpoint
of AWS.
"""

from __future__ import annotations

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from kops_core.cloud.aws.cloud import AwsCloud
from kops_core.cloud.aws.session import AwsSession
from kops_core.cloud.cluster_store import ClusterStore
from kops_core.operations.apply import apply
from kops_core.operations.clock import SystemClock
from kops_core.operations.journal import Journal
from kops_core.plan.planner import make_plan
from kops_core.store.file import FileBackend
from tests.aws.clusters import desired


def main() -> int:
    """0 when everything is applied."""
    case, zone, store, journals = sys.argv[1:]
    cluster = desired(case, zone)
    clock = SystemClock()
    backend = FileBackend(Path(store))
    files = ClusterStore.of(
        backend, {}, cluster.cluster, lambda url: FileBackend(Path(store) / url.replace("/", "_"))
    )
    cloud = AwsCloud(AwsSession.open(), files, cluster.cluster, now=clock.now)
    snapshot = cloud.observe(cluster.resources)
    plan = make_plan(cluster, snapshot, cluster=cluster.cluster, inputs_digest="", now=datetime.now(UTC))
    operation = f"{random.getrandbits(48):012x}"
    with Journal.start(
        Path(journals), "apply", cluster.cluster, "test@here", operation, clock.now
    ) as journal:
        outcome = apply(
            plan,
            cluster.by_key(),
            snapshot,
            cloud,
            journal,
            clock=clock,
            random=random.random,
            emit=lambda event: None,
        )
    sys.stdout.write(f"{outcome.message} {dict(outcome.failed)}\n")
    return 0 if outcome.ok else 1


if __name__ == "__main__":
    sys.exit(main())
