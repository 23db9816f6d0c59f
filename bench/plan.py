"""The cost of a plan without changes: API requests, time at 30 ms a call, CPU time.

Needs the conformance corpus and the emulator, like the tests.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, median_seconds

_LATENCY = 0.03
_CASES = {"minimal-aws": 0, "ha": 70}
"""Case -> most requests that a plan should need; 0 for no target."""


def run() -> Iterator[Figure]:
    """The figures for a small cluster, and for one of three control planes."""
    os.environ |= {
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    from tests.aws.account import Account
    from tests.aws.clusters import desired

    with Account.in_memory() as account:
        for case, most in _CASES.items():
            account.reset()
            account.use_s3()
            cluster = desired(case, account.zone)
            with tempfile.TemporaryDirectory() as folder:
                outcome = account.apply(cluster, Path(folder))
            assert outcome.ok, outcome.message
            account.calls.clear()
            plan, _ = account.plan(cluster)
            assert plan.empty, [str(change.key) for change in plan.pending]
            calls = len(account.calls)
            yield Figure(f"{case}: requests of a plan", calls, "", target=f"<= {most}" if most else "")
            began = time.process_time()
            quick = median_seconds(lambda cluster=cluster: account.plan(cluster), 3)  # type: ignore[misc]
            # The emulator runs in this process, so its own time is in these figures too.
            yield Figure(
                f"{case}: CPU time of a plan, emulator included", (time.process_time() - began) / 3, "s"
            )

            def wait(moment: str, service: str, operation: str) -> None:
                if moment == "before":
                    time.sleep(_LATENCY)

            account.fault = wait
            slow = median_seconds(lambda cluster=cluster: account.plan(cluster), 3)  # type: ignore[misc]
            one_by_one = calls * _LATENCY + quick
            yield Figure(
                f"{case}: plan at 30 ms a call", slow, "s", "one by one", slow / one_by_one, "<= 0.33 of it"
            )
