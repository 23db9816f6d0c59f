"""``toolbox instance-selector``: instance groups from what machines have to have."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from kops_tui.cli import inputs
from kops_tui.cli import output as out
from kops_tui.cli.flags import CobraCommand, split
from kops_tui.cli.options import common
from kops_tui.cli.streams import echo, echo_data

if TYPE_CHECKING:
    from kops_core import AmountRange

_Command = TypeVar("_Command", bound=Callable[..., Any])
_MEBIBYTES: Final = {"m": 1, "g": 1024, "t": 1024 * 1024, "": 1024}
_RANGES: Final = (
    ("vcpus", "Processors."),
    ("memory", "Memory, such as 4gb."),
    ("gpus", "GPUs."),
    ("gpu-memory", "Memory of all GPUs together, such as 4gb."),
    ("network-interfaces", "Network interfaces that can be attached."),
)


class Memory(click.ParamType[float]):
    """MiB: a number with ``mb``, ``gb`` or ``tb``; gb if there is none."""

    name = "memory"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float | int):
            return float(value)
        found = re.fullmatch(r"(\d{1,9}(?:\.\d{1,3})?) ?(?:([mgt])(?:i?b)?)?", value.strip().lower())
        if found is None:
            self.fail(f"{value!r} is no amount of memory, such as 4gb", param, ctx)
        return float(found[1]) * _MEBIBYTES[found[2] or ""]


class Ratio(click.ParamType[float]):
    """GiB for a processor: ``1:2`` is two."""

    name = "ratio"

    def convert(self, value: str | float, param: click.Parameter | None, ctx: click.Context | None) -> float:
        if isinstance(value, float | int):
            return float(value)
        found = re.fullmatch(r"(\d{1,6}):(\d{1,6})", value)
        if found is None or not int(found[1]):
            self.fail(f"{value!r} is no ratio, such as 1:2", param, ctx)
        return int(found[2]) / int(found[1])


class Pattern(click.ParamType[str]):
    """A regular expression."""

    name = "pattern"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            re.compile(value)
        except re.error as error:
            self.fail(f"{value!r} is no regular expression: {error}", param, ctx)
        return value


def _ranges(function: _Command) -> _Command:
    """Three flags for each range: exactly, at least, at most."""
    for name, about in reversed(_RANGES):
        kind: Any = Memory() if "memory" in name else click.IntRange(0)
        for end, says in (("-max", "at most"), ("-min", "at least"), ("", "exactly")):
            function = click.option(
                f"--{name}{end}", type=kind, metavar="N", help=f"{about} {says.capitalize()}."
            )(function)
    return function


@click.command("instance-selector", cls=CobraCommand)
@click.argument("group")
@_ranges
@click.option(
    "--vcpus-to-memory-ratio", "ratio", type=Ratio(), metavar="1:GIB", help="GiB for each processor."
)
@click.option(
    "--cpu-architecture", "architecture", type=click.Choice(["amd64", "arm64", "x86_64"]), default="amd64",
    show_default=True,
)  # fmt: skip
@click.option(
    "--usage-class", type=click.Choice(["spot", "on-demand"]), default="on-demand", show_default=True
)
@click.option(
    "--placement-group-strategy", "placement", type=click.Choice(["cluster", "partition", "spread"]),
    help="Machines that can be in such a placement group.",
)  # fmt: skip
@click.option(
    "--ena-support/--no-ena-support", "ena", default=None, help="Machines with enhanced networking."
)
@click.option("--burst-support/--no-burst-support", "burst", default=None, help="Burstable machines.")
@click.option(
    "--allow-list", "allow", type=Pattern(), default="", metavar="REGEX", help="Names to choose from."
)
@click.option("--deny-list", "deny", type=Pattern(), default="", metavar="REGEX", help="Names not to take.")
@click.option(
    "--base-instance-type", "base", default="", metavar="NAME", help="Machines that are like this one."
)
@click.option(
    "--flexible", is_flag=True, help="Machines of general use of several generations, with 4 processors."
)
@click.option(
    "--ig-count", "count", type=click.IntRange(1, 20), default=1, help="Groups, each with twice the memory."
)
@click.option("--node-count-min", "minimum", type=click.IntRange(0), default=1, show_default=True)
@click.option("--node-count-max", "maximum", type=click.IntRange(0), default=10, show_default=True)
@click.option(
    "--node-volume-size", "volume", type=click.IntRange(1), metavar="GIB", help="Of the root volume."
)
@click.option("--node-security-groups", "security_groups", multiple=True, metavar="ID,...")
@click.option(
    "--cluster-autoscaler/--no-cluster-autoscaler", "autoscaled", default=True, show_default=True,
    help="Tag the groups for the cluster autoscaler.",
)  # fmt: skip
@click.option("--subnets", multiple=True, metavar="NAME,...", help="Subnets for the machines.")
@click.option("--max-results", "at_most", type=click.IntRange(1), default=20, show_default=True)
@click.option("--dry-run", is_flag=True, help="Print the groups and store nothing.")
@click.option("-o", "--output", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@common
@click.pass_context
def instance_selector(ctx: click.Context, /, group: str, dry_run: bool, output: str, **given: Any) -> None:
    """Add instance groups with the machine types that have what is asked for."""
    from kops_core import MachineCriteria, SelectionOptions, to_yaml

    criteria = MachineCriteria(
        vcpus=_range(given, "vcpus"),
        memory_mib=_range(given, "memory"),
        gpus=_range(given, "gpus"),
        gpu_memory_mib=_range(given, "gpu_memory"),
        interfaces=_range(given, "network_interfaces"),
        gib_per_vcpu=given["ratio"],
        architecture=given["architecture"],
        usage_class=given["usage_class"],
        placement=given["placement"] or "",
        ena=given["ena"],
        burstable=given["burst"],
        allow=given["allow"],
        deny=given["deny"],
        base=given["base"],
        flexible=given["flexible"],
    )
    options = SelectionOptions(
        group,
        criteria,
        count=given["count"],
        subnets=split(given["subnets"]),
        minimum=given["minimum"],
        maximum=given["maximum"],
        volume_gib=given["volume"],
        security_groups=split(given["security_groups"]),
        autoscaled=given["autoscaled"],
        at_most=given["at_most"],
    )
    engine = inputs.engine(ctx.obj, write=not dry_run)
    cluster = inputs.cluster_of(engine)
    made = engine.select_groups(cluster, options)
    echo_data(out.documents(made, output))
    if dry_run:
        return
    for each in made:
        stored = engine.store_group(cluster, to_yaml(each))
        echo(f"created the instance group {stored}", err=True)
    echo(f"see what it needs with: kops-tui update cluster {cluster}", err=True)


def _range(given: dict[str, Any], name: str) -> AmountRange:
    exact = given[name]
    if exact is not None:
        return exact, exact
    return given[f"{name}_min"], given[f"{name}_max"]
