"""``create|get|delete`` of secrets and SSH public keys. Only ``get secrets -o plaintext`` shows a secret."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kops_core.errors import ObjectNotFound, UsageError
from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.commands.keypairs import tell_next
from kops_tui.cli.options import cluster_argument, common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo, echo_data
from kops_tui.rotation_steps import roll_out

if TYPE_CHECKING:
    from kops_core import Credentials

_SECRETS = {
    "ciliumpassword": "Cilium's IPsec keys, as YAML.",
    "dockerconfig": "Where images may be pulled from, as Docker's config.json.",
    "encryptionconfig": "How the API server encrypts what is in etcd, as YAML.",
}


@click.group("secret")
@common
def create_secret() -> None:
    """Store a secret of a cluster."""


def _create_secret(name: str, about: str) -> click.Command:
    @click.command(name, help=about, short_help=about)
    @cluster_argument
    @click.option(
        "-f", "--filename", "filename", required=True, metavar="FILE", help="What to store; - is stdin."
    )
    @click.option("--force", is_flag=True, help="Replace the one there is.")
    @common
    @click.pass_context
    def create(ctx: click.Context, cluster: str | None, filename: str, force: bool) -> None:

        content = inputs.file(str(Path(filename).expanduser()))
        credentials, cluster = _of(ctx.obj, cluster, write=True)
        credentials.create_secret(name, content, force=force)
        echo(f"{'stored' if force else 'created'} the secret {name}", err=True)
        tell_next(roll_out(cluster, "so that a plan knows of it"))

    return create


for _name, _about in _SECRETS.items():
    create_secret.add_command(_create_secret(_name, _about))


@click.command("secrets")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "-o", "--output", type=click.Choice(["table", "plaintext"]), default="table", show_default=True,
    help="plaintext shows what the secrets hold.",
)  # fmt: skip
@common
@click.pass_context
def get_secrets(ctx: click.Context, names: tuple[str, ...], output: str) -> None:
    """List the secrets of a cluster."""
    credentials, cluster = _of(ctx.obj, None)
    found = [name for name in credentials.secrets() if not names or name in names]
    if not found:
        raise ObjectNotFound("there are no such secrets" if names else "there are no secrets", where=cluster)
    if output == "table":
        echo(table(["NAME"], [[name] for name in found]), nl=False)
        return
    for name in found:
        echo_data(credentials.secret(name) + b"\n")


@click.command("secret")
@click.argument("words", nargs=-1, required=True, metavar="NAME")
@common
@click.pass_context
def delete_secret(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Delete a secret of a cluster."""
    if words[0] == "sshpublickey":  # as old scripts for kOps have it
        _delete_ssh_public_keys(ctx.obj, None)
        return
    names = words[1:] if words[0] == "secret" else words
    if len(names) != 1:
        raise UsageError("one secret at a time", where=" ".join(words))
    credentials, _ = _of(ctx.obj, None, write=True)
    credentials.delete_secret(names[0])
    echo(f"deleted the secret {names[0]}", err=True)


@click.command("sshpublickey")
@cluster_argument
@click.option("-i", "--ssh-public-key", "file", required=True, metavar="FILE", help="OpenSSH public key.")
@common
@click.pass_context
def create_sshpublickey(ctx: click.Context, cluster: str | None, file: str) -> None:
    """Let another SSH key log in to the machines of a cluster."""
    _create_ssh_public_key(ctx.obj, cluster, file)


@create_secret.command("sshpublickey", hidden=True)
@click.argument("words", nargs=-1)
@click.option("-i", "--ssh-public-key", "file", required=True, metavar="FILE")
@common
@click.pass_context
def create_secret_sshpublickey(ctx: click.Context, words: tuple[str, ...], file: str) -> None:
    """As old scripts for kOps have it: with a user that was never other than ``admin``."""
    names = words[1:] if words[:1] == ("admin",) else words
    if len(names) > 1:
        raise UsageError("one cluster at a time", where=" ".join(names))
    _create_ssh_public_key(ctx.obj, next(iter(names), None), file)


@click.command("sshpublickeys")
@cluster_argument
@click.option(
    "-o", "--output", type=click.Choice(["table", "yaml", "json"]), default="table", show_default=True
)
@common
@click.pass_context
def get_sshpublickeys(ctx: click.Context, cluster: str | None, output: str) -> None:
    """List the SSH public keys of a cluster by their fingerprints."""
    credentials, cluster = _of(ctx.obj, cluster)
    keys = credentials.ssh_public_keys()
    if output == "table":
        if not keys:
            raise ObjectNotFound("there is no SSH public key", where=cluster)
        echo(out.table(["ID"], [[key.id] for key in keys]), nl=False)
    else:
        echo_data(out.values([{"id": key.id, "publicKey": key.public_key} for key in keys], output))


@click.command("sshpublickey")
@cluster_argument
@common
@click.pass_context
def delete_sshpublickey(ctx: click.Context, cluster: str | None) -> None:
    """Delete the SSH public keys of a cluster; machines that run keep theirs."""
    _delete_ssh_public_keys(ctx.obj, cluster)


def _create_ssh_public_key(given: Any, cluster: str | None, file: str) -> None:
    content = inputs.file(str(Path(file).expanduser()))
    credentials, name = _of(given, cluster, write=True)
    credentials.add_ssh_public_key(content)
    if len(credentials.ssh_public_keys()) > 1:
        echo(
            "the cluster has several SSH public keys now, and kOps takes one on AWS;"
            f" to start over: kops-tui delete sshpublickey {name}",
            err=True,
        )
    tell_next(roll_out(name, "so that new machines take it"))


def _delete_ssh_public_keys(given: Any, cluster: str | None) -> None:
    credentials, _ = _of(given, cluster, write=True)
    credentials.delete_ssh_public_keys()
    echo("deleted the SSH public keys", err=True)


def _of(given: Any, cluster: str | None, *, write: bool = False) -> tuple[Credentials, str]:
    """The credentials of the cluster that was named, and its name."""
    if cluster:
        given["name"] = cluster
    engine = inputs.engine(given, write=write)
    name = inputs.cluster_of(engine)
    return engine.credentials(name), name
