"""Fakes of the clouds and stores behind the engine: in memory, deterministic, quick.

What the screens show is real data of the engine's own types: inference by (a few) rules,
plans, events. Only where those come from is made up.
"""

from tests.tui.fakes.documents import FLEET, NOW, PROD, STAGE, settings
from tests.tui.fakes.engine import FakeEngine
from tests.tui.fakes.keypairs import KEYPAIRS
from tests.tui.fakes.plans import OPEN_RULE, change

__all__ = ["FLEET", "KEYPAIRS", "NOW", "OPEN_RULE", "PROD", "STAGE", "FakeEngine", "change", "settings"]
