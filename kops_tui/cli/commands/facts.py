"""``facts record``: what the account holds, as a file that other commands can go by."""

from __future__ import annotations

import json
from pathlib import Path

import click

from kops_tui.cli import inputs
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.group("facts")
def command() -> None:
    """Record what the cloud account holds."""


@command.command("record")
@click.option("--out", "file", required=True, metavar="FILE", help="Where to write them.")
@common
@click.pass_context
def record(ctx: click.Context, file: str) -> None:
    """Read the facts that a cluster needs (with --name), or those of the account, into a file."""
    facts = inputs.engine(ctx.obj).facts(ctx.obj.get("name", ""))
    Path(file).write_text(json.dumps(facts, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    echo(f"wrote {file}", err=True)
