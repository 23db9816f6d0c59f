"""A rolling update of 200 nodes: the engine's own time, and requests to the API, for each node.

The cluster is simulated and its time does not pass by itself, so what is measured is the engine: its
decisions, journal (with its syncs to the disk) and events, and the evaluation of validations. What the
simulation takes for its answers is taken out.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.figures import Figure

NODES = 200
_AWS_READS = 3
"""Calls of AWS that one look at all groups takes."""
_CALLS = {
    "nodes": "Kubernetes", "pods": "Kubernetes", "disruption_budgets": "Kubernetes", "cordon": "Kubernetes",
    "add_taint": "Kubernetes", "set_label": "Kubernetes", "evict": "Kubernetes", "remove_taint": "Kubernetes",
    "groups": "AWS", "terminate": "AWS", "detach": "AWS", "deregister": "AWS",
}  # fmt: skip


def run() -> list[Figure]:
    """The figures, with kOps' settings and with a surge of ten."""
    return [*_measure("", 1), *_measure(", surge of 10", 10)]


def _measure(name: str, surge: int) -> list[Figure]:
    from kops_core.operations.group_status import Role
    from kops_core.operations.rolling.settings import Strategy
    from tests.operations.roll_world import World
    from tests.operations.simulated_cluster import OLD

    requests: Counter[str] = Counter()
    outside = 0.0
    depth = 0

    def timed(call: str, method: Callable[..., Any]) -> Callable[..., Any]:
        def measured(*arguments: Any, **options: Any) -> Any:
            nonlocal outside, depth
            requests[call] += 1
            depth += 1
            began = time.perf_counter()
            try:
                return method(*arguments, **options)
            finally:
                depth -= 1
                if not depth:
                    outside += time.perf_counter() - began

        return measured

    world = World()
    world.add("master-1", OLD, OLD, OLD, role=Role.CONTROL_PLANE)
    world.add("node-1", *[OLD] * NODES)
    world.add_app("web", 2 * NODES, 2 * NODES - 20)
    for call in _CALLS:
        setattr(world, call, timed(call, getattr(world, call)))
    sleep = world.clock.sleep
    world.clock.sleep = timed("sleep", sleep)  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        outcome = world.roll(Path(folder), "node-1", strategies={"node-1": Strategy(max_surge=surge)})
        spent = time.perf_counter() - began - outside
    assert outcome.ok, outcome.message
    by_service: Counter[str] = Counter()
    for call, service in _CALLS.items():
        by_service[service] += requests[call] * (_AWS_READS if call == "groups" else 1)
    return [
        Figure(f"roll of {NODES} nodes{name}: own time", spent / NODES * 1000, "ms/node", target="< 50"),
        *(
            Figure(f"roll of {NODES} nodes{name}: {service} calls", count / NODES, "/node")
            for service, count in sorted(by_service.items())
        ),
    ]
