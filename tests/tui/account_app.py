"""The app by settings in a file, over an account that is there: ``-m tests.tui.account_app FOLDER``."""

from __future__ import annotations

import pickle
import sys
from pathlib import Path

from kops_core import Engine, Settings
from kops_tui.app import run

SETTINGS = "settings.pickle"

if __name__ == "__main__":
    settings: Settings = pickle.loads((Path(sys.argv[1]) / SETTINGS).read_bytes())
    sys.exit(run(Engine(settings)))
