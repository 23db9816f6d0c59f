"""The app over the staged engine, for a real pseudo-terminal: ``python -m tests.tui.pty_app FOLDER``.

Steps of an operation take a while and leave a line when they begin and when they end.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kops_tui.app import run
from tests.tui.stage import StagedEngine, settings


@dataclass
class SlowEngine(StagedEngine):
    """A staged engine whose steps take time."""

    def enter(self, what: str) -> None:
        super().enter(what)
        if what == "step":
            steps = self.settings.state_dir / "steps"
            for word in ("begin", "end"):
                with steps.open("a") as file:
                    file.write(f"{word}\n")
                time.sleep(0.4)


if __name__ == "__main__":
    sys.exit(run(SlowEngine(settings(Path(sys.argv[1])))))
