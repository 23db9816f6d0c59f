"""The app over the real engine and a store of files: ``-m tests.tui.real_pty_app [--write] FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kops_core import Engine
from kops_tui.app import run
from tests.tui.stores import file_settings

if __name__ == "__main__":
    made = file_settings(Path(sys.argv[-1]), write="--write" in sys.argv, **os.environ)
    sys.exit(run(Engine(made)))
