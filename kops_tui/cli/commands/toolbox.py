"""``toolbox``: tools around clusters, as in kOps."""

from __future__ import annotations

import click

from kops_tui.cli.commands.toolbox_template import template


@click.group("toolbox")
def command() -> None:
    """Tools around clusters: templates of specs, instance types, add-ons, and a dump for bug reports."""


for each in (template,):
    command.add_command(each)
