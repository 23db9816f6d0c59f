"""Clusters from files: planned and written as Terraform with neither credentials nor network."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from kops_core.version import KOPS_VERSION
from tests.cli.store import Done, FileStore
from tests.corpus import corpus_dir

FACTS = {"generated": "generated", "update": "upstream-update"}
ARTIFACTS = "https://artifacts.k8s.io/binaries/kops"


@pytest.fixture(scope="module")
def hashes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus' hashes, and kOps' stand-ins for those of its own programs."""
    folder = tmp_path_factory.mktemp("hashes")
    for file in (corpus_dir() / "asset-hashes").glob("*.yaml"):
        shutil.copy(file, folder)
    names = [
        f"{version}/linux/{architecture}/nodeup"
        for version in (KOPS_VERSION, "1.34.0-beta.1")
        for architecture in ("amd64", "arm64")
    ]
    rows = [
        {"name": name, "sha256": hashlib.sha256(f"{ARTIFACTS}/{name}".encode()).hexdigest()} for name in names
    ]
    (folder / "nodeup.yaml").write_text(json.dumps({"filestores": [{"base": ARTIFACTS}], "files": rows}))
    return folder


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FileStore]:
    """The program without a store, and without anything that it could reach."""

    def refuse(event: str, arguments: tuple[object, ...]) -> None:
        if event in ("socket.connect", "socket.getaddrinfo") and watching:
            raise AssertionError(f"{event} {arguments}")

    watching = [True]
    sys.addaudithook(refuse)
    monkeypatch.setattr(FileStore, "environment", lambda self, **more: _bare(self, more))
    yield FileStore(tmp_path)
    watching.clear()


def _bare(store: FileStore, more: dict[str, str]) -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "HOME": str(store.home), **more}


def _words(suite: str, case: str, hashes: Path) -> list[str]:
    return [
        "-f", str(corpus_dir() / suite / case / "cluster.yaml"),
        "--cloud-facts", str(corpus_dir() / "facts" / f"{FACTS[Path(suite).name]}.json"),
        "--asset-hashes", str(hashes),
    ]  # fmt: skip


def _module(program: FileStore, suite: str, case: str, hashes: Path, *more: str, code: int = 0) -> Done:
    key = next((corpus_dir() / suite / case / "terraform" / "data").glob("aws_key_pair_*"), None)
    words = ["--ssh-public-key", str(key)] if key else []
    return program.run(
        "update", "cluster", *_words(suite, case, hashes), *words,
        "--target", "terraform", "--out", str(program.folder / "out"), *more, code=code,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("suite", "case", "more"),
    [
        ("generated", "case002", ()),
        ("generated", "case096", ()),
        ("upstream/update", "shared_vpc", ("--kops-version", "1.34.0-beta.1")),
        ("upstream/update", "privatedns2", ("--kops-version", "1.34.0-beta.1")),
        ("upstream/update", "unmanaged", ("--kops-version", "1.34.0-beta.1")),
    ],
)
def test_the_module_is_that_of_kops(
    suite: str, case: str, more: tuple[str, ...], program: FileStore, hashes: Path
) -> None:
    done = _module(program, suite, case, hashes, *more)
    assert "wrote" in done.stderr
    written = (program.folder / "out" / "kubernetes.tf").read_text()
    assert written == (corpus_dir() / suite / case / "terraform" / "kubernetes.tf").read_text()
    # The keys were made for the occasion: nodes would trust them, and they are nowhere else.
    data = "".join(path.read_text() for path in (program.folder / "out" / "data").iterdir())
    assert "BEGIN CERTIFICATE" in data
    assert "PRIVATE KEY" not in data
    assert [path for path in program.folder.rglob("*") if path.is_file() and "out" not in path.parts] == []


def test_the_plan_is_of_an_empty_account_with_what_is_the_users(program: FileStore, hashes: Path) -> None:
    done = program.run(
        "plan", *_words("upstream/update", "shared_vpc", hashes), "-o", "json",
        "--kops-version", "1.34.0-beta.1", code=2,
    )  # fmt: skip
    plan = json.loads(done.stdout)
    assert plan["errors"] == []
    assert "no account was looked at" in done.stderr
    found = {f"{each['kind']}/{each['name']}": each["action"] for each in plan["changes"]}
    assert found["VPC/sharedvpc.example.com"] == "no-op"
    assert found["DNSZone/Z1AFAKE1ZON3YO"] == "no-op"
    assert found["InternetGateway/sharedvpc.example.com"] == "no-op"
    assert found["Subnet/us-test-1a.sharedvpc.example.com"] == "create"
    assert found["Keypair/kubernetes-ca"] == "create"


def test_what_the_facts_do_not_have_is_named(program: FileStore, hashes: Path, tmp_path: Path) -> None:
    text = (corpus_dir() / "upstream" / "update" / "shared_vpc" / "cluster.yaml").read_text()
    spec = tmp_path / "spec.yaml"
    spec.write_text(text.replace("vpc-12345678", "vpc-0elsewhere"))
    words = _words("upstream/update", "shared_vpc", hashes)
    done = program.run("plan", "-f", str(spec), *words[2:], "--kops-version", "1.34.0-beta.1", code=1)
    assert "vpc-0elsewhere" in done.told


@pytest.mark.parametrize("more", [("--yes",), ("--create-kube-config",)])
def test_files_are_only_looked_at(more: tuple[str, ...], program: FileStore, hashes: Path) -> None:
    done = program.run("update", "cluster", *_words("generated", "case002", hashes), *more, code=64)
    assert "replace -f" in done.stderr


def test_where_nodes_would_read_has_to_be_known(program: FileStore, hashes: Path, tmp_path: Path) -> None:
    text = (corpus_dir() / "generated" / "case002" / "cluster.yaml").read_text()
    spec = tmp_path / "spec.yaml"
    spec.write_text(re.sub(r"^  configBase: .*\n", "", text, flags=re.MULTILINE))
    words = _words("generated", "case002", hashes)[2:]
    done = program.run("plan", "-f", str(spec), *words, code=64)
    assert "--state" in done.stderr
    done = program.run("plan", "-f", str(spec), *words, "--state", "s3://kops-state", code=2)
    assert "to create" in done.stdout


def test_files_hold_the_cluster_that_is_meant(program: FileStore, hashes: Path) -> None:
    words = _words("generated", "case002", hashes)
    done = program.run("plan", *words, "--name", "other.example.com", code=64)
    assert "c002.example.com" in done.stderr
    two = ["-f", str(corpus_dir() / "generated" / "case000" / "cluster.yaml")]
    done = program.run("plan", *words, *two, code=1)
    assert "say which cluster the InstanceGroup" in done.stderr


def test_a_hash_that_nobody_knows_is_an_error_that_says_what_to_do(program: FileStore) -> None:
    words = _words("generated", "case002", corpus_dir() / "asset-hashes")
    # Nothing is listening there.
    done = program.run("plan", *words, KOPS_BASE_URL="file:///nowhere", code=1)
    assert "--asset-hashes" in done.stderr


@pytest.mark.parametrize(
    "channel", ["https://channels.invalid/stable", "http://169.254.169.254/latest/meta-data"]
)
@pytest.mark.parametrize("command", [("infer",), ("validate", "spec"), ("plan",)], ids=" ".join)
def test_a_spec_makes_an_offline_command_fetch_nothing(
    program: FileStore, hashes: Path, channel: str, command: tuple[str, ...]
) -> None:
    text = (corpus_dir() / "generated" / "case002" / "cluster.yaml").read_text()
    assert "channel: stable" in text
    file = program.folder / "cluster.yaml"
    file.write_text(text.replace("channel: stable", f"channel: {channel}"))
    words = _words("generated", "case002", hashes)
    words[1] = str(file)
    done = program.run(*command, *words, code=2 if command == ("plan",) else 0)
    assert f"warning: spec.channel: '{channel}' recommends no versions" in done.stderr


@pytest.mark.parametrize("command", [("infer",), ("validate", "spec")], ids=" ".join)
def test_a_spec_that_is_piped_in_names_no_file(program: FileStore, command: tuple[str, ...]) -> None:
    secret = program.folder / "secret.yaml"
    secret.write_text("password: hunter2\n")
    text = (corpus_dir() / "generated" / "case002" / "cluster.yaml").read_text()
    facts = ("--cloud-facts", str(corpus_dir() / "facts" / "generated.json"))
    done = program.run(
        *command, "-f", "-", *facts, stdin=text.replace("channel: stable", f"channel: {secret}")
    )
    assert "a spec may name stable, alpha" in done.stderr
    assert "hunter2" not in done.told
