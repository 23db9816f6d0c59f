"""The one way to stdout and stderr: what a text holds of control characters is spelled out."""

from __future__ import annotations

import click

from kops_core import printable


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Tell people something, or print JSON, which has the same form for what is not printable."""
    click.echo(printable(text, lines=True), err=err, nl=nl)  # noqa: TID251 - this is the one place


def echo_data(content: str | bytes) -> None:
    """Print what programs read as it is: documents, which escape themselves, or a secret."""
    click.echo(content, nl=False)  # noqa: TID251 - this is the one place
