"""``delete``: what is removed from the state store."""

from __future__ import annotations

import click

from kops_tui.cli.commands.credentials import delete_secret, delete_sshpublickey


@click.group("delete")
def command() -> None:
    """Delete secrets and SSH public keys of a cluster."""


for each in (delete_secret, delete_sshpublickey):
    command.add_command(each)
