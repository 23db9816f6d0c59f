"""The app over the staged engine, for a real pseudo-terminal: ``python -m tests.tui.pty_app FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from kops_tui.app import run
from tests.tui.stage import StagedEngine, settings

if __name__ == "__main__":
    sys.exit(run(StagedEngine(settings(Path(sys.argv[1])))))
