"""Input of operators: aliases of commands, durations, lists, both names of a field."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from kops_core import Engine, Settings, Workspace, parse_path
from kops_core.cloud.aws.resources import KINDS
from kops_tui.cli import MODES
from kops_tui.cli.flags import Duration
from kops_tui.cli.root import COMMANDS, FLAGS_OF_MODES, root
from kops_tui.resource_words import kind_words
from tests.cli.store import CLUSTER, FACTS, FileStore
from tests.corpus import corpus_dir


def _open(store: FileStore) -> Workspace:
    settings = Settings(
        stores=(f"file://{store.folder}/store",),
        write=True,
        cloud_facts=corpus_dir() / "facts" / "generated.json",
        state_dir=store.folder / "state",
    )
    return Engine(settings).open(CLUSTER)


@pytest.mark.parametrize("words", [("cluster",), ("clusters",), ("cluster", CLUSTER), ("clusters", CLUSTER)])
def test_clusters_by_either_number(store: FileStore, words: tuple[str, ...]) -> None:
    assert CLUSTER in store.run("get", *words).stdout


@pytest.mark.parametrize("word", ["instancegroups", "instancegroup", "ig"])
def test_instance_groups_by_each_of_their_names(store: FileStore, word: str) -> None:
    group = "nodes-us-east-1a"
    assert group in store.run("get", word, group).stdout
    store.run("edit", word, group, "--set", "spec.maxSize=3", *FACTS)
    assert "maxSize: 3" in (store.files / "instancegroup" / group).read_text()
    if word != "instancegroups":
        store.run("protect", word, group)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("15", 15.0), ("0", 0.0), ("1.5", 1.5), ("1s", 1.0), ("5m", 300.0), ("1m30s", 90.0), ("100ms", 0.1)],
)
def test_durations_are_seconds_or_as_kops_takes_them(text: str, seconds: float) -> None:
    assert Duration().convert(text, None, None) == seconds


@pytest.mark.parametrize("text", ["", "x", "5 m", "-1s", "-3", "nan", "inf", "1e9", "5d", "\u0665"])
def test_what_is_no_duration_is_refused(store: FileStore, text: str) -> None:
    done = store.run("rolling-update", "cluster", "--yes", f"--node-interval={text}", code=64)
    assert "--node-interval" in done.stderr


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a,b", ["a", "b"]),
        ("[a, b]", ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        ("[x]", ["x"]),
        ("[]", []),
        ("[ ]", []),
        ("", []),
    ],
)
def test_a_list_may_be_typed_as_it_is_shown(store: FileStore, text: str, value: list[str]) -> None:
    work = _open(store)
    path = parse_path("spec.sshAccess")
    work.set(path, text.replace("a", "10.0.0.0/8").replace("b", "10.1.0.0/16").replace("x", "10.2.0.0/16"))
    names = {"a": "10.0.0.0/8", "b": "10.1.0.0/16", "x": "10.2.0.0/16"}
    spec = work.documents["cluster"]["spec"]
    assert isinstance(spec, dict)
    assert spec["sshAccess"] == [names[each] for each in value]


@pytest.mark.parametrize(
    "path", ["spec.subnets[0].cidr", "spec.networking.subnets[0].cidr", "cluster.spec.subnets[0].cidr"]
)
def test_a_field_is_set_by_its_name_in_the_spec_as_well_as_by_kops_own(store: FileStore, path: str) -> None:
    store.run("edit", "cluster", "--set", f"{path}=172.20.32.0/20", *FACTS)
    assert "cidr: 172.20.32.0/20" in (store.files / "config").read_text()


def test_a_field_is_unset_by_its_name_in_the_spec_too(store: FileStore) -> None:
    assert "sshAccess" in (store.files / "config").read_text()
    store.run("edit", "cluster", "--unset", "spec.sshAccess", *FACTS)
    assert "sshAccess" not in (store.files / "config").read_text()


@pytest.mark.parametrize("mode", MODES)
def test_what_stands_behind_a_mode_is_told_of_by_the_mode(store: FileStore, mode: str) -> None:
    assert FLAGS_OF_MODES[MODES[mode]] == mode
    wrong = store.run(MODES[mode], "--no-such-flag", code=64)
    assert f"see: kops-tui {mode} --help" in wrong.stderr
    assert f"Usage: kops-tui {mode} " in store.run(MODES[mode], "--help").stdout


def test_commands_that_texts_name_exist() -> None:
    """Remedies in the code, ``kops-tui`` and two words, are looked up in the program."""
    named = set[tuple[str, str]]()
    for folder in ("kops_core", "kops_tui"):
        for file in Path(__file__).parents[2].joinpath(folder).rglob("*.py"):
            named |= set(re.findall(r"kops-tui ([a-z]+(?:-[a-z]+)*)(?: ([a-z]+))?", _texts_of(file)))
    context = click.Context(root)
    known = {(first, second) for first, second in named if first in COMMANDS}
    assert {first for first, _ in known} >= {"get", "lock", "update", "protect"}
    for first, second in known:
        command = root.get_command(context, first)
        if isinstance(command, click.Group) and second:
            assert command.get_command(context, second) is not None, (first, second)


def _texts_of(file: Path) -> str:
    import ast

    return "\n".join(
        node.value
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def test_headings_are_words() -> None:
    words = {kind: kind_words(kind) for kind in KINDS}
    assert words["InternetGateway"] == "internet gateways"
    assert words["VPCDHCPOptionsAssociation"] == "VPC DHCP options associations"
    assert words["VPCAmazonIPv6CIDRBlock"] == "VPC Amazon IPv6 CIDR blocks"
    assert words["IAMRolePolicy"] == "IAM role policies"
    assert words["IAMOIDCProvider"] == "IAM OIDC providers"
    assert not [text for text in words.values() if "ies" in text and not text.endswith("policies")]
