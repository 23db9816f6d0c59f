"""``create cluster`` and ``create -f``: new objects in the state store."""

from __future__ import annotations

import click

from kops_core.errors import UsageError
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.commands.create_group import create_instancegroup
from kops_tui.cli.commands.credentials import create_secret, create_sshpublickey
from kops_tui.cli.commands.keypairs import create_keypair
from kops_tui.cli.options import COMMON_VALUES, alias, common
from kops_tui.cli.streams import echo


class CreateCluster(click.Command):
    """Takes kOps' own flags, read the way kOps reads them; the help is made from their table."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if {"-h", "--help"} & set(args):
            echo(ctx.get_help())
            ctx.exit()
        ctx.params["words"] = tuple(_without_common(args, ctx.ensure_object(dict)))
        return []

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        from kops_core import CREATE_FLAGS

        with formatter.section("Options"):
            formatter.write_dl(
                [
                    (f"--{flag.name}" + (f", -{flag.short}" if flag.short else ""), flag.help)
                    for flag in CREATE_FLAGS
                    if not flag.instead and not flag.feature
                ]
            )
        with formatter.section("Common options"):
            formatter.write_dl(
                [(f"--{name} VALUE", help_) for name, help_ in COMMON_VALUES.items() if name != "name"]
            )


@click.group("create", invoke_without_command=True)
@click.option(
    "-f", "--filename", "files", multiple=True, metavar="FILE", help="Objects to create; - is stdin."
)
@common
@click.pass_context
def command(ctx: click.Context, files: tuple[str, ...]) -> None:
    """Create a cluster from options, or objects from files, in the state store."""
    if ctx.invoked_subcommand is not None:
        return

    engine = inputs.engine(ctx.obj, write=True)
    for name in engine.create(inputs.files(files)):
        echo(f"created {name}")
    echo("see what it needs with: kops-tui --plan", err=True)


for each in (create_instancegroup, create_keypair, create_secret, create_sshpublickey):
    command.add_command(each)
alias(command, create_instancegroup, "instancegroups", "ig")


@command.command("cluster", cls=CreateCluster)
@click.pass_context
def cluster(ctx: click.Context, words: tuple[str, ...]) -> int:
    """Create a cluster from options. Flags are those of kOps."""
    from kops_core import ssh_key_of

    engine = inputs.engine(ctx.obj, write=True)
    options = engine.create_options(words)
    if options.output and not options.dry_run:
        raise UsageError("--output goes with --dry-run", where="--output")
    key = ssh_key_of(options)
    made = engine.make_cluster(options)
    if options.dry_run:
        text = (
            out.documents(made.manifest(key), "json") if options.output == "json" else made.manifest_yaml(key)
        )
        echo(text, nl=False)
        return 0
    name = engine.store_cluster(made, ssh_public_key=key)
    echo(f"created {name} in {engine.settings.stores[0]}")
    if options.yes:
        from kops_tui.cli.commands.update import apply_now

        return apply_now({**ctx.obj, "name": name})
    echo(f"see what it needs with: kops-tui --plan --name {name}", err=True)
    return 0


def _without_common(args: list[str], given: dict[str, object]) -> list[str]:
    """The words that are not common options; those go into ``given``."""
    rest: list[str] = []
    words = list(args)
    while words:
        word = words.pop(0)
        name, joined, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or name not in COMMON_VALUES or name in ("name", "channel"):
            rest.append(word)
            continue
        if not joined:
            if not words:
                raise UsageError("the flag needs a value", where=word)
            value = words.pop(0)
        key = name.replace("-", "_")
        given[key] = (value,) if key == "state" else value
    return rest
