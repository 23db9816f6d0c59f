"""``version``"""

from __future__ import annotations

import click

from kops_core.version import KOPS_VERSION, __version__
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.command("version")
@click.option("--short", is_flag=True, help="Only the number.")
@common
def command(short: bool) -> None:
    """Print the version."""
    echo(__version__ if short else f"kops-tui {__version__} (compatible with kOps {KOPS_VERSION})")
