"""The app over the fake engine, for a real pseudo-terminal: ``python -m tests.tui.pty_app FOLDER``.

Steps of an operation take a while and leave a line when they begin and when they end. Once there
is a file named fault in the folder, explaining a field fails, as a fault of the program would.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kops_core import KopsError
from kops_tui.app import run
from tests.tui.fakes import FakeEngine, settings


@dataclass
class SlowEngine(FakeEngine):
    """A fake engine whose steps take time."""

    def enter(self, what: str) -> None:
        super().enter(what)
        if what == "step":
            steps = self.settings.state_dir / "steps"
            for word in ("begin", "end"):
                with steps.open("a") as file:
                    file.write(f"{word}\n")
                time.sleep(0.4)


class Faulty(dict[str, KopsError | Exception]):
    """No errors, until there is a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def __contains__(self, what: object) -> bool:
        if what == "explain" and self.file.exists():
            self["explain"] = RuntimeError("secret_key=hunter2hunter2 " + "A" * 60)
        return super().__contains__(what)


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(run(SlowEngine(settings(folder), errors=Faulty(folder / "fault"))))
