"""Writing to stdout and stderr, with control characters escaped."""

from __future__ import annotations

import click

from kops_core import printable


def echo(text: str, *, err: bool = False, nl: bool = True) -> None:
    """Print a text for people, or JSON, which escapes what is not printable in the same way."""
    click.echo(printable(text, lines=True), err=err, nl=nl)  # noqa: TID251 - this is the one place


def echo_data(content: str | bytes) -> None:
    """Print what programs read as it is: documents, which escape themselves, or a secret."""
    click.echo(content, nl=False)  # noqa: TID251 - this is the one place
