"""``info``: versions, paths, and where each setting came from."""

from __future__ import annotations

import click

from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo
from kops_tui.setting_rows import setting_rows


@click.command("info")
@common
@click.pass_context
def command(ctx: click.Context) -> None:
    """Tell versions, paths, and where each setting came from."""
    for row in setting_rows(inputs.settings(ctx.obj)):
        shown = row.source and row.source != "default"
        echo(f"{row.name:22} {row.value}" + (f"  ({row.source})" if shown else ""))
