"""``sandbox start|stop|env``: the embedded AWS as a process that outlives the command."""

from __future__ import annotations

import click

from kops_core.errors import EXIT_FAILED
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo


@click.group("sandbox")
def command() -> None:
    """Start, stop and use the embedded AWS."""


@command.command("start")
@click.option(
    "--strict", is_flag=True, help="With delays, limits and refusals as AWS has them, ten times as fast."
)
@common
def start(strict: bool) -> None:
    """Start it, with three clusters, unless it runs already."""
    from kops_tui.cli.demo import start_detached

    sandbox = start_detached(lambda line: echo(line, err=True), strict=strict)
    echo(f"running at {sandbox.endpoint_url} (process {sandbox.pid})", err=True)
    echo('use it with: eval "$(kops-tui sandbox env)"', err=True)


@command.command("stop")
@common
def stop() -> None:
    """Stop it; what it held is gone."""
    from kops_core.cloud.sandbox.process import Sandbox

    sandbox = Sandbox.running()
    if sandbox is None:
        echo("it is not running", err=True)
        return
    sandbox.stop()


@command.command("env")
@common
def env() -> int:
    """Print the variables that point this program, and the AWS SDK, at it."""
    from kops_core.cloud.sandbox.process import Sandbox

    sandbox = Sandbox.running()
    if sandbox is None:
        echo("error: it is not running\n  start it with: kops-tui sandbox start", err=True)
        return EXIT_FAILED
    for name, value in sandbox.env.items():
        echo(f"export {name}={value}")
    return 0
