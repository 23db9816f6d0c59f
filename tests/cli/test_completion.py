"""Completion in the shell: the code for each, and what is completed."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kops_core import ClusterSummary, FleetCache
from kops_core.engine.fleet.rows import GroupSummary
from tests.cli.store import CLUSTER, FACTS, PROGRAM, FileStore

pytestmark = pytest.mark.full

GROUP = "nodes-us-east-1a"


def complete(store: FileStore, *words: str, **environment: str) -> list[str]:
    """What may follow some words, of which the last one has been begun."""
    return [line.partition(",")[2] for line in ask(store, "bash", *words, **environment) if line]


def ask(store: FileStore, shell: str, *words: str, **environment: str) -> list[str]:
    """The answer to a shell's code, in lines."""
    done = subprocess.run(
        [PROGRAM],
        env=store.environment(
            _KOPS_TUI_COMPLETE=f"{shell}_complete",
            COMP_WORDS=" ".join(("kops-tui", *words)),
            COMP_CWORD=str(len(words)),
            **environment,
        ),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (("upg",), ["upgrade"]),
        (("upgrade", "cl"), ["cluster"]),
        (("toolbox-no-such", "x"), []),
        (("update", "cluster", "--ignore-k"), ["--ignore-kubelet-version-skew"]),
        (("update", "cluster", "--target", "t"), ["terraform"]),
        (("update", "cluster", "a"), [CLUSTER]),
        (("update", "cluster", "b"), []),
        (("get", "ig", "--name", "a"), [CLUSTER]),
        (("edit", "ig", "--name", CLUSTER, "nod"), [GROUP]),
        (("protect", "instancegroup", "nod"), [GROUP]),
        (("promote", "keypair", "service"), []),
    ],
)
def test_commands_flags_values_and_names(store: FileStore, words: tuple[str, ...], found: list[str]) -> None:
    assert complete(store, *words) == found


def test_keysets_by_name(store: FileStore) -> None:
    store.run("create", "keypair", "service-account", "--primary", *FACTS)
    assert complete(store, "promote", "keypair", "ser") == ["service-account"]


def test_a_store_that_can_not_be_read_completes_nothing(store: FileStore) -> None:
    assert complete(store, "update", "cluster", "a", KOPS_STATE_STORE="file:///nonexistent") == []
    assert complete(store, "update", "cluster", "a", KOPS_STATE_STORE="") == []
    assert complete(store, "edit", "ig", "n", KOPS_CLUSTER_NAME="gone.example.com") == []


def _keep_fleet(store: FileStore, at: datetime, url: str = "") -> None:
    """Keep a fleet of one cluster as if the terminal UI had read it."""
    stores = (url or store.environment()["KOPS_STATE_STORE"],)
    group = GroupSummary("kept-nodes", "Node", "m5.large", 1, 2, ("a",))
    cache = FleetCache(Path(store.environment()["HOME"]) / ".cache" / "kops-tui", stores)
    cache.write(at, [ClusterSummary(stores[0], "kept.example.com", groups=(group,))], [])


def test_names_come_from_the_fleet_as_it_was_read_lately(store: FileStore) -> None:
    _keep_fleet(store, datetime.now(UTC))
    assert complete(store, "update", "cluster", "") == ["kept.example.com"]
    assert complete(store, "edit", "ig", "--name", "kept.example.com", "k") == ["kept-nodes"]
    _keep_fleet(store, datetime.now(UTC) - timedelta(hours=1))
    assert complete(store, "update", "cluster", "") == [CLUSTER], "the store is asked again"


def test_a_store_that_does_not_answer_is_not_waited_for(store: FileStore) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes connections, and never answers
        port = silent.getsockname()[1]
        around = {"KOPS_STATE_STORE": "s3://kept", "S3_ENDPOINT": f"http://127.0.0.1:{port}"}
        around |= {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_REGION": "us-east-1"}
        begin = time.monotonic()
        assert complete(store, "update", "cluster", "k", **around) == []
        _keep_fleet(store, datetime.now(UTC) - timedelta(hours=1), "s3://kept")
        assert complete(store, "update", "cluster", "k", **around) == ["kept.example.com"]
        assert time.monotonic() - begin < 25, "not as long as the SDK would wait"


@pytest.mark.parametrize("shell", ["bash", "fish", "powershell", "zsh"])
def test_each_shell_has_its_code(store: FileStore, shell: str) -> None:
    told = store.run("completion", shell).stdout
    assert f"{shell}_complete" in told
    assert "kops-tui" in told


def test_descriptions_may_be_left_out(store: FileStore) -> None:
    script = store.run("completion", "zsh", "--no-descriptions").stdout
    (variable,) = {
        word for word in script.replace("=1", " ").split() if word.startswith("KOPS_TUI_COMPLETE_")
    }
    assert ask(store, "zsh", "upg")[:2] == ["plain", "upgrade"]
    assert ask(store, "zsh", "upg")[2] != "_"
    assert ask(store, "zsh", "upg", **{variable: "1"}) == ["plain", "upgrade", "_"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_bash_completes_a_name_by_the_code(store: FileStore) -> None:
    """As bash does it: the function that the code registers for the program, called with the words so far."""
    script = store.run("completion", "bash").stdout
    line = f"COMP_WORDS=({PROGRAM} update cluster a); COMP_CWORD=3"
    call = 'name=$(complete -p kops-tui | sed "s/.*-F \\([^ ]*\\) .*/\\1/")'
    done = subprocess.run(
        ["bash", "-c", f'{script}\n{line}\n{call}\n"$name" {PROGRAM}\necho "${{COMPREPLY[@]}}"'],
        env=store.environment(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert (done.stdout.strip(), done.stderr) == (CLUSTER, "")


def test_the_version_that_applied_a_cluster_last(store: FileStore) -> None:
    assert f"{CLUSTER} was never applied" in store.run("version", "--server").stdout
    (store.files / "kops-version.txt").write_text("1.36.2\n")
    assert f"{CLUSTER} was last applied by kOps 1.36.2" in store.run("version", "--server").stdout
    own, server = store.run("version", "--short", "--server").stdout.split()
    assert (own, server) == (store.run("version", "--short").stdout.strip(), "1.36.2")
    store.run("version", "--server", KOPS_CLUSTER_NAME="", code=64)
