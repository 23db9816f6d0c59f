"""The one door of the engine."""

from __future__ import annotations

import subprocess
import sys

import kops_core


def test_every_name_of_the_door_leads_somewhere_and_the_list_is_complete() -> None:
    for name in kops_core.__all__:
        assert getattr(kops_core, name) is not None
    assert sorted(kops_core._ROOMS) == sorted(kops_core.__all__)


def test_the_door_itself_loads_no_room() -> None:
    code = "import sys, kops_core; print([n for n in sys.modules if n.startswith('kops_core.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stdout.strip() == "[]"
