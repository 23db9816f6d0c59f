"""The command line. Nothing here imports Textual, and what a command needs is imported when it runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence

MODES = {
    "--plan": "plan",
    "--apply": "apply",
    "--rolling-update": "roll",
    "--reconcile": "reconcile-mode",
    "--validate": "check",
}
"""Flags that stand for a command, for scripts and CI, and the (hidden) command each is.

(`root.FLAGS_OF_MODES` is the same the other way round; to import it would cost --version its speed.)
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its code; ``arguments`` default to the process' own."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words == ["--version"]:
        from kops_core.version import KOPS_VERSION, __version__

        sys.stdout.write(f"kops-tui {__version__} (compatible with kOps {KOPS_VERSION})\n")
        return
    from kops_core.collector import collect_less_often

    collect_less_often()
    from kops_tui.cli.run import run

    sys.exit(run(_mode_first(words)))


def _mode_first(words: list[str]) -> list[str]:
    """``--name c --plan`` as ``plan --name c``: a mode is a command, wherever it stands before a ``--``."""
    end = words.index("--") if "--" in words else len(words)
    for place, word in enumerate(words[:end]):
        if word in MODES:
            return [MODES[word], *words[:place], *words[place + 1 :]]
    return words
