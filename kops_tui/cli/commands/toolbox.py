"""``toolbox``: tools around clusters, as in kOps."""

from __future__ import annotations

import click

from kops_tui.cli.commands.toolbox_addons import addons
from kops_tui.cli.commands.toolbox_dump import dump
from kops_tui.cli.commands.toolbox_selector import instance_selector
from kops_tui.cli.commands.toolbox_template import template


@click.group("toolbox")
def command() -> None:
    """Tools around clusters: templates of specs, instance types, add-ons, and a dump for bug reports."""


for each in (addons, dump, instance_selector, template):
    command.add_command(each)
