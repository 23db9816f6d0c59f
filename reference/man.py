"""``python -m reference.man FOLDER``: the man pages of all commands, from their help."""

from __future__ import annotations

import sys
from copy import copy
from pathlib import Path

import click
from click_man.core import write_man_pages

from kops_core.version import __version__
from kops_tui.cli.root import COMMANDS, root


def write(folder: Path) -> list[Path]:
    """I/O. The man pages, written into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    # click-man reads the attribute of the commands, which the root fills only as they are called.
    whole = copy(root)
    whole.commands = {
        name: found
        for name in COMMANDS
        if (found := root.get_command(click.Context(root), name)) is not None and not found.hidden
    }
    write_man_pages("kops-tui", whole, version=__version__, target_dir=str(folder))
    return sorted(folder.glob("*.1"))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
