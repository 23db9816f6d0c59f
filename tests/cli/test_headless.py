"""The program as scripts see it: real processes, their streams and exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.corpus import corpus_dir

pytestmark = pytest.mark.full

PROGRAM = Path(sys.executable).with_name("kops-tui")


def run(*words: str, stdin: bytes = b"", **environ: str) -> subprocess.CompletedProcess[bytes]:
    kept = {key: os.environ[key] for key in ("PATH", "LANG") if key in os.environ}
    return subprocess.run(
        [str(PROGRAM), *words],
        input=stdin,
        capture_output=True,
        env={**kept, "HOME": "/nonexistent", **environ},
        check=False,
    )


@pytest.mark.parametrize("case", ["minimal-aws", "minimal-1.35", "ha"])
def test_infer_prints_the_completed_spec_as_kops_stores_it(case: str) -> None:
    folder = corpus_dir() / "upstream" / "update" / case
    done = run(
        "infer", "-f", str(folder / "cluster.yaml"),
        "--cloud-facts", str(corpus_dir() / "facts" / "upstream-update.json"),
        "--kops-version", "1.34.0-beta.1", "-o", "yaml",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == (folder / "completed.yaml").read_bytes()
    assert done.stderr == b""


def test_infer_explains_one_field_with_all_that_was_read() -> None:
    folder = corpus_dir() / "upstream" / "update" / "minimal-aws"
    done = run(
        "infer", "-f", "-", "--cloud-facts", str(corpus_dir() / "facts" / "upstream-update.json"),
        "--explain", "spec.dnsZone", "-o", "json", stdin=(folder / "cluster.yaml").read_bytes(),
    )  # fmt: skip
    (row,) = json.loads(done.stdout)
    assert (row["value"], row["source"]) == ("Z1AFAKE1ZON3YO", "cloud")
    assert {"path": "metadata.name", "value": "minimal-aws.example.com", "source": "user"} in row["reads"]


def test_infer_says_what_a_users_value_stands_before() -> None:
    folder = corpus_dir() / "upstream" / "update" / "minimal-aws"
    done = run(
        "infer", "-f", "-", "--cloud-facts", str(corpus_dir() / "facts" / "upstream-update.json"),
        "--explain", "spec.subnets[0].cidr", stdin=(folder / "cluster.yaml").read_bytes(),
    )  # fmt: skip
    assert done.stdout.decode().splitlines() == [
        "spec.subnets[0].cidr: 172.20.32.0/19",
        "  set by you",
        "  without it: 172.20.0.0/16",
    ]


def test_a_broken_spec_is_an_error_with_every_line_and_path_and_no_traceback(tmp_path: Path) -> None:
    spec = tmp_path / "cluster.yaml"
    spec.write_text(
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: a.example.com\n"
        "spec:\n  kubernetesVersio: 1.34.0\n  subnets: 7\n"
    )
    done = run("infer", "-f", str(spec))
    told = done.stderr.decode()
    assert done.returncode == 1
    assert done.stdout == b""
    assert f"{spec}:6: spec.kubernetesVersio: Unknown field" in told
    assert "kubernetesVersion" in told
    assert f"{spec}:7: spec.subnets" in told
    assert "Traceback" not in told


@pytest.mark.parametrize(
    "words",
    [
        ("infer", "--no-such-flag"),
        ("no-such-command",),
        ("infer",),
        ("infer", "-f", "/nonexistent/cluster.yaml"),
        ("get", "clusters"),
    ],
)
def test_bad_usage_is_64_and_says_what_to_do(words: tuple[str, ...]) -> None:
    done = run(*words)
    assert done.returncode == 64
    assert done.stderr.startswith(b"error: ")
    assert b"Traceback" not in done.stderr


def test_debug_adds_the_traceback() -> None:
    done = run("--debug", "infer", "-f", "/nonexistent/cluster.yaml")
    assert done.returncode == 64
    assert b"Traceback" in done.stderr


@pytest.mark.parametrize(
    ("words", "absent"),
    [
        (("--version",), ("click", "pydantic", "ruamel.yaml", "boto3", "textual")),
        (("--help",), ("pydantic", "ruamel.yaml", "boto3", "textual")),
        (("infer", "--help"), ("boto3", "textual")),
        (("validate", "cluster", "--help"), ("boto3", "textual", "lightkube", "httpx2", "kops_core.kube")),
        (("upgrade", "cluster", "--help"), ("boto3", "textual", "lightkube", "pydantic")),
        (("toolbox", "template", "--help"), ("boto3", "textual", "kops_core.templating")),
        (("get", "instances", "--help"), ("boto3", "textual", "lightkube", "pydantic")),
        (("delete", "instancegroup", "--help"), ("boto3", "textual", "lightkube", "pydantic")),
        (("create", "keypair", "--help"), ("boto3", "cryptography", "pydantic", "textual")),
        (
            ("infer", "-f", "CASE", "--cloud-facts", "FACTS"),
            ("boto3", "textual", "kops_core.cloud.aws", "moto", "lightkube", "httpx2"),
        ),
    ],
)
def test_a_command_loads_only_what_it_needs(words: tuple[str, ...], absent: tuple[str, ...]) -> None:
    places = {
        "CASE": str(corpus_dir() / "upstream" / "update" / "minimal-aws" / "cluster.yaml"),
        "FACTS": str(corpus_dir() / "facts" / "upstream-update.json"),
    }
    code = (
        "import sys\nfrom kops_tui.cli import main\n"
        f"try:\n    main({[places.get(word, word) for word in words]!r})\n"
        "except SystemExit as end:\n    assert not end.code, end.code\n"
        f"print([name for name in {absent!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert done.stderr.strip() == "[]"


def test_help_names_every_command_and_each_can_be_asked_for_its_own() -> None:
    from kops_tui.cli.root import COMMANDS

    told = run("--help").stdout.decode()
    for name in COMMANDS:
        assert f"\n  {name}" in told
        done = run(name, "--help")
        assert done.returncode == 0, done.stderr.decode()
