"""The real engine over a store, an account and Kubernetes in memory: five clusters, one in each state.

    world = World.make(tmp_path)
    async with run_app(world.engine) as driver:
        ...

It is built once a process and copied for each test, so that a world costs milliseconds. Faults are put in
where the engine meets stores and clouds: ``world.store.error``, ``world.errors``, ``world.gate``.
"""

from tests.tui.world.clusters import FLEET, LATER, NEW, PROD, STAGE, UP_TO_DATE
from tests.tui.world.times import NOW
from tests.tui.world.world import CHANGES, OPERATOR, STORE, Gate, World

__all__ = [
    "CHANGES",
    "FLEET",
    "LATER",
    "NEW",
    "NOW",
    "OPERATOR",
    "PROD",
    "STAGE",
    "STORE",
    "UP_TO_DATE",
    "Gate",
    "World",
]
