"""``create|promote|distrust|trust keypair`` and ``get keypairs``: rotating a cluster's keys."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.completion import complete_keysets
from kops_tui.cli.options import common
from kops_tui.cli.output import table
from kops_tui.cli.streams import echo, echo_data
from kops_tui.rotation_steps import after_create, after_distrust, after_promote, after_trust

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from kops_core import KeypairChange, Keypairs, KeypairSummary, Value


@click.command("keypair")
@click.argument("keyset", metavar="KEYSET|all", shell_complete=complete_keysets)
@click.option("--cert", metavar="FILE", help="Certificate of an authority, PEM.")
@click.option("--key", metavar="FILE", help="Private key, PEM; without --cert a certificate is made for it.")
@click.option("--primary", is_flag=True, help="Let it sign at once.")
@common
@click.pass_context
def create_keypair(ctx: click.Context, keyset: str, cert: str | None, key: str | None, primary: bool) -> None:
    """Add a keypair to a keyset, or a new one to each keyset that can be rotated."""
    certificate, private_key = (
        inputs.file(str(Path(name).expanduser())) if name else None for name in (cert, key)
    )

    def create(keypairs: Keypairs, tell: Callable[[KeypairChange], None]) -> None:
        keypairs.create(keyset, tell, certificate=certificate, private_key=private_key, primary=primary)

    _change_keyset(ctx.obj, create, lambda names, cluster: after_create(names, cluster, primary))


@click.group("promote")
def promote() -> None:
    """Make a keypair the one that signs."""


@promote.command("keypair")
@click.argument("keyset", metavar="KEYSET|all", shell_complete=complete_keysets)
@click.argument("item", required=False, default="", metavar="[ID]")
@common
@click.pass_context
def promote_keypair(ctx: click.Context, keyset: str, item: str) -> None:
    """Make a keypair the one that signs: by its id, or the newest that has a private key."""
    _change_keyset(ctx.obj, lambda keypairs, tell: keypairs.promote(keyset, tell, item), after_promote)


@click.group("distrust")
def distrust() -> None:
    """Distrust keypairs of a keyset."""


@distrust.command("keypair")
@click.argument("keyset", metavar="KEYSET|all", shell_complete=complete_keysets)
@click.argument("items", nargs=-1, metavar="[ID]...")
@common
@click.pass_context
def distrust_keypair(ctx: click.Context, keyset: str, items: tuple[str, ...]) -> None:
    """Distrust keypairs: by their ids, or all that are older than the primary one."""
    _change_keyset(ctx.obj, lambda keypairs, tell: keypairs.distrust(keyset, tell, items), after_distrust)


@click.group("trust")
def trust() -> None:
    """Trust distrusted keypairs again."""


@trust.command("keypair")
@click.argument("keyset", metavar="KEYSET", shell_complete=complete_keysets)
@click.argument("items", nargs=-1, required=True, metavar="ID...")
@common
@click.pass_context
def trust_keypair(ctx: click.Context, keyset: str, items: tuple[str, ...]) -> None:
    """Trust distrusted keypairs again."""
    _change_keyset(ctx.obj, lambda keypairs, tell: keypairs.trust(keyset, tell, items), after_trust)


@click.command("keypairs")
@click.argument("keysets", nargs=-1, metavar="[KEYSET]...", shell_complete=complete_keysets)
@click.option("--distrusted", is_flag=True, help="Distrusted ones too.")
@click.option(
    "-o", "--output", type=click.Choice(["table", "yaml", "json"]), default="table", show_default=True
)
@common
@click.pass_context
def get_keypairs(ctx: click.Context, keysets: tuple[str, ...], distrusted: bool, output: str) -> None:
    """List the keypairs of a cluster. Private keys are never shown."""
    from kops_core.errors import ObjectNotFound

    engine = inputs.engine(ctx.obj)
    cluster = inputs.cluster_of(engine)
    found = engine.keypairs(cluster).summaries(keysets, distrusted=distrusted)
    if not found:
        raise ObjectNotFound("there are no keypairs", where=cluster)
    if output == "table":
        echo(_build_table(found, distrusted), nl=False)
    else:
        echo_data(out.values([_build_document(each) for each in found], output))


def _change_keyset(
    given: Any,
    change: Callable[[Keypairs, Callable[[KeypairChange], None]], None],
    after: Callable[[set[str], str], Sequence[tuple[str, str]]],
) -> None:
    """Change keypairs; print each on stdout, then the next steps on stderr."""
    engine = inputs.engine(given, write=True)
    cluster = inputs.cluster_of(engine)
    changed: set[str] = set()

    def tell(done: KeypairChange) -> None:
        if done.done:
            changed.add(done.keyset)
            echo(f"{done.done} {done.keyset} {done.id}")
        else:
            echo(f"{done.keyset}: nothing to do, {done.id} stays the primary one", err=True)

    change(engine.keypairs(cluster), tell)
    if changed:
        tell_next(after(changed, cluster))


def tell_next(steps: Sequence[tuple[str, str]]) -> None:
    """What an operator has to do next, on stderr: commands, and what each is for."""
    echo("next:", err=True)
    width = max(len(command) for command, _ in steps)
    for command, purpose in steps:
        echo(f"  kops-tui {command.ljust(width)}  # {purpose}", err=True)


def _build_table(found: Sequence[KeypairSummary], distrusted: bool) -> str:
    head = [
        "NAME",
        "ID",
        "ISSUED",
        "EXPIRES",
        *(["DISTRUSTED"] if distrusted else []),
        "PRIMARY",
        "HASPRIVATE",
    ]
    rows = []
    for each in found:
        facts = each.certificate
        dates: list[datetime | None] = [facts.not_before, facts.not_after] if facts else [None, None]
        dates += [each.distrusted_at] if distrusted else []
        rows.append(
            [
                each.keyset,
                each.id,
                *(f"{at.astimezone():%Y-%m-%d}" if at else "" for at in dates),
                "*" if each.state == "primary" else "",
                "*" if each.has_private_key else "",
            ]
        )
    return table(head, rows)


def _build_document(each: KeypairSummary) -> dict[str, Value]:
    """A keypair with kOps' names, fields that are empty left out, and the certificate's fingerprint."""
    facts = each.certificate
    document: dict[str, Value] = {
        "name": each.keyset,
        "id": each.id,
        "distrustTimestamp": f"{each.distrusted_at:%Y-%m-%dT%H:%M:%SZ}" if each.distrusted_at else None,
        "isPrimary": each.state == "primary",
        "hasPrivateKey": each.has_private_key,
    }
    if facts:
        document |= {
            "subject": facts.subject,
            "issuer": facts.issuer,
            "alternateNames": list(facts.alternate_names),
            "isCA": facts.authority,
            "notBefore": f"{facts.not_before:%Y-%m-%dT%H:%M:%SZ}",
            "notAfter": f"{facts.not_after:%Y-%m-%dT%H:%M:%SZ}",
            "keyLength": facts.key_length,
            "fingerprint": facts.fingerprint,
        }
    return {name: value for name, value in document.items() if value}
