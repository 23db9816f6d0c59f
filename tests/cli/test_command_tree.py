"""The commands, aliases and flags of kOps on AWS, compared with a list that was read off ``kops --help``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import click
import pytest

from kops_core import CREATE_FLAGS
from kops_tui.cli.options import COMMON_VALUES
from kops_tui.cli.root import root
from tests.corpus import corpus_dir

_LINE = re.compile(r"- `kops ?(?P<name>[^`]*)`(?: \(also (?P<also>[^)]*)\))?(?:: (?P<flags>.*))?")
_FLAG = re.compile(r"`--([\w-]+)(?: \(-(\w)\))?`")

_KLOG = "klog's: --debug is ours"
_CLOUD = "of another cloud than AWS"
_CLUSTER_API = "Cluster API manages the machines, kOps writes its objects only"
_DIRECT = "joins a machine of no cloud over SSH"
_BY_ITSELF = "the control plane applies its add-ons by itself; toolbox addons list tells what is left"

ABSENT: dict[str, str] = {
    " --alsologtostderrthreshold": _KLOG,
    " --legacy_stderr_threshold_behavior": _KLOG,
    " --v": _KLOG,
    **dict.fromkeys(
        [
            f"create cluster --{flag}"
            for flag in (
                "gce-service-account", "os-dns-servers", "os-ext-net", "os-ext-subnet",
                "os-kubelet-ignore-az",
                "os-lb-floating-subnet", "os-network", "os-octavia", "os-octavia-provider", "project",
            )
        ],
        _CLOUD,
    ),
    "get assets --copy": "tools that copy images and files take the JSON of get assets",
    "toolbox clusterapi": _CLUSTER_API,
    "toolbox clusterapi generate": _CLUSTER_API,
    "toolbox clusterapi generate machinedeployment": _CLUSTER_API,
    "toolbox enroll": _DIRECT,
    "toolbox addons apply": _BY_ITSELF,
}  # fmt: skip
"""What of kOps is not here, as ``command`` or ``command --flag``, and why."""


@dataclass(frozen=True)
class KopsCommand:
    """A command of kOps."""

    name: str
    """Its words after ``kops``."""
    aliases: tuple[str, ...]
    flags: dict[str, str]
    """Long form -> short form or ""."""


@cache
def kops_commands() -> tuple[KopsCommand, ...]:
    listed = corpus_dir().parent / "design" / "kops-commands.md"
    if not listed.is_file():
        pytest.skip(f"no list of kOps' commands at {listed}", allow_module_level=True)
    found = [match for line in listed.read_text().splitlines() if (match := _LINE.fullmatch(line))]
    return tuple(
        KopsCommand(
            match["name"],
            tuple(match["also"].split(", ")) if match["also"] else (),
            dict(_FLAG.findall(match["flags"] or "")),
        )
        for match in found
    )


def find(words: list[str]) -> click.Command | None:
    """Our command of these words."""
    found: click.Command | None = root
    for word in words:
        if not isinstance(found, click.Group):
            return None
        found = found.get_command(click.Context(found), word)
    return found


def flags_of(name: str, command: click.Command) -> dict[str, str]:
    """The long and short forms of a command's flags."""
    if name == "create cluster":
        table = {flag.name: flag.short for flag in CREATE_FLAGS}
        return {**dict.fromkeys(COMMON_VALUES, ""), **table}
    found: dict[str, str] = {}
    for each in command.params:
        if isinstance(each, click.Option):
            short = "".join(name[1:] for name in each.opts if not name.startswith("--"))
            found |= {name[2:]: short for name in each.opts if name.startswith("--")}
    return found


def missing() -> dict[str, str]:
    """What kOps has and we don't, as in ``ABSENT``, and what it is."""
    found: dict[str, str] = {}
    for each in kops_commands():
        command = find(each.name.split())
        if command is None:
            found[each.name] = "command"
            continue
        for alias in each.aliases:
            if find([*each.name.split()[:-1], alias]) is None:
                found[f"{each.name} ({alias})"] = "alias"
        ours = flags_of(each.name, command)
        for flag, short in each.flags.items():
            if flag not in ours:
                found[f"{each.name} --{flag}"] = "flag"
            elif ours[flag] != short:
                found[f"{each.name} --{flag} -{short}"] = f"short form, which is -{ours[flag]} here"
    return found


def test_the_list_of_kops_is_understood() -> None:
    by_name = {each.name: each for each in kops_commands()}
    assert len(by_name) > 60
    assert by_name["get sshpublickeys"].aliases == ("sshpublickey", "ssh")
    assert by_name["create cluster"].flags["topology"] == "t"


def test_every_command_alias_and_flag_of_kops_is_here_or_has_a_reason_not_to_be() -> None:
    assert {what: kind for what, kind in missing().items() if what not in ABSENT} == {}


def test_nothing_that_is_said_to_be_absent_is_here() -> None:
    assert sorted(set(ABSENT) - set(missing())) == []


@pytest.mark.parametrize("each", kops_commands(), ids=lambda each: each.name.replace(" ", "-") or "root")
def test_the_common_flags_are_taken_by_each_command(each: KopsCommand) -> None:
    """kOps' ``--state``, ``--name`` and ``--config`` may stand after any command that works on a store."""
    command = find(each.name.split())
    if command is None or isinstance(command, click.Group) or each.name.startswith("completion"):
        return
    assert {"state", "name", "config"} <= set(flags_of(each.name, command))
