"""Completion in the shell: the code for each, and what is completed."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tests.cli.store import CLUSTER, FACTS, PROGRAM, FileStore

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
