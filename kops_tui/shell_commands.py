"""Commands for a shell that do what a screen does, ready to be pasted."""

from __future__ import annotations

import shlex


def for_cluster(cluster: str, store: str, ours: str, kops: str = "") -> tuple[str, ...]:
    """kops-tui's command about a cluster, then kOps' if it has one.

    ours, kops: what follows the program's name, as it is typed.
    """
    about = [f"--name={cluster}"] if cluster else []
    about += [f"--state={store}"] if store else []
    programs = [("kops-tui", ours), ("kops", kops)]
    return tuple(shlex.join([program, *shlex.split(words), *about]) for program, words in programs if words)
