"""The app over a world, for a real pseudo-terminal: ``python -m tests.tui.pty_app FOLDER``.

Changes of the account take a while and leave a line when they begin and when they end. Once there is a file
named fault in the folder, looking for the operator's editor fails, as a fault of the program would.
"""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from kops_tui.app import run
from tests.tui.world import CHANGES, World

_WITH_SECRETS = "secret_key=hunter2hunter2 " + "A" * 60


@dataclass(eq=False)
class SlowWorld(World):
    """A world whose changes take time."""

    def watch(self, call: str, about: str) -> None:
        super().watch(call, about)
        if call in CHANGES:
            for word in ("begin", "end"):
                with (self.settings.state_dir / "steps").open("a") as file:
                    file.write(f"{word}\n")
                time.sleep(0.4)


class Faulty(dict[str, str]):
    """Environment variables that can be read until there is a file."""

    def __init__(self, file: Path) -> None:
        super().__init__()
        self.file = file

    def get(self, key: str, default: str | None = None) -> str | None:  # type: ignore[override]
        if key == "EDITOR" and self.file.exists():
            raise RuntimeError(_WITH_SECRETS)
        return super().get(key, default or "")


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    sys.exit(run(SlowWorld.make(folder, environment=Faulty(folder / "fault")).engine))
