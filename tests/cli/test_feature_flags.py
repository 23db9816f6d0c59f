"""kOps' feature flags and version overrides in the environment, and their effect on each command."""

from __future__ import annotations

from pathlib import Path

import pytest

from kops_core.engine.feature_flags import DEFAULTS, read_feature_flags
from tests.cli.store import FileStore
from tests.corpus import corpus_dir

ON_BY_DEFAULT = {name for name, on in DEFAULTS.items() if on}


@pytest.mark.parametrize(
    ("text", "on", "unknown"),
    [
        ("", set(), ()),
        ("APIServerNodes", {"APIServerNodes"}, ()),
        ("+APIServerNodes", {"APIServerNodes"}, ()),
        (" +APIServerNodes , ,ExperimentalRoles", {"APIServerNodes", "ExperimentalRoles"}, ()),
        ("+APIServerNodes,-APIServerNodes", set(), ()),
        ("-APIServerNodes,+APIServerNodes", {"APIServerNodes"}, ()),
        (
            "+Nonsense,++APIServerNodes,-,apiservernodes",
            set(),
            ("+Nonsense", "++APIServerNodes", "-", "apiservernodes"),
        ),
    ],
)
def test_flags_are_read_as_kops_reads_them(text: str, on: set[str], unknown: tuple[str, ...]) -> None:
    found = read_feature_flags(text)
    assert set(found.on) == ON_BY_DEFAULT | on
    assert found.unknown == unknown


def test_a_flag_that_is_on_by_default_can_be_turned_off() -> None:
    assert set(read_feature_flags("-ImageDigest").on) == ON_BY_DEFAULT - {"ImageDigest"}


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path)
    made.home.mkdir()
    (tmp_path / "store").mkdir()
    return made


def _words(case: str) -> tuple[str, ...]:
    corpus = corpus_dir()
    return (
        "-f", str(corpus / "upstream" / "update" / case / "cluster.yaml"),
        "--cloud-facts", str(corpus / "facts" / "upstream-update.json"),
        "--asset-hashes", str(corpus / "asset-hashes"),
        "--kops-version", "1.34.0-beta.1", "--name", "minimal.example.com",
    )  # fmt: skip


NOWHERE = "http://127.0.0.1:9"
"""Hashes of downloads are stand-ins then, so that nothing is fetched."""
COMMANDS = [("plan",), ("update", "cluster"), ("validate", "spec")]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("flag", ["+APIServerNodes", "APIServerNodes"])
def test_each_command_accepts_what_the_flag_allows(
    store: FileStore, words: tuple[str, ...], flag: str
) -> None:
    code = 2 if words == ("plan",) else 0
    done = store.run(
        *words, *_words("apiservernodes"), code=code, KOPS_FEATURE_FLAGS=flag, AWS_ENDPOINT_URL=NOWHERE
    )
    assert "KOPS_FEATURE_FLAGS" not in done.told


@pytest.mark.parametrize("flags", ["", "-APIServerNodes", "+APIServerNodes,-APIServerNodes", "+Nonsense"])
def test_without_the_flag_it_is_refused_with_the_way_to_set_it(store: FileStore, flags: str) -> None:
    words = ("validate", "spec", *_words("apiservernodes"))
    done = store.run(*words, code=1, KOPS_FEATURE_FLAGS=flags, AWS_ENDPOINT_URL=NOWHERE)
    assert "KOPS_FEATURE_FLAGS=+APIServerNodes" in done.stdout
    assert ("kOps has no flag +Nonsense" in done.stderr) == (flags == "+Nonsense")


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_kubernetes_newer_than_kops_is_run_when_the_operator_says_so(
    store: FileStore, words: tuple[str, ...]
) -> None:
    refused = store.run(*words, *_words("minimal-1.35"), code=1, AWS_ENDPOINT_URL=NOWHERE)
    assert "KOPS_RUN_TOO_NEW_VERSION=1" in refused.told
    code = 2 if words == ("plan",) else 0
    store.run(
        *words, *_words("minimal-1.35"), code=code, KOPS_RUN_TOO_NEW_VERSION="1", AWS_ENDPOINT_URL=NOWHERE
    )


def test_a_version_that_the_channel_calls_obsolete_is_run_when_the_operator_says_so(
    store: FileStore, tmp_path: Path
) -> None:
    channel = tmp_path / "channel.yaml"
    channel.write_text(
        "spec:\n  kubernetesVersions:\n  - range: '>=1.32.0'\n    requiredVersion: 1.35.9\n"
        "  kopsVersions:\n  - range: '>=1.30.0-alpha.1'\n    requiredVersion: 1.36.0\n"
    )
    words = ("validate", "spec", *_words("minimal-1.35"), "--channel", str(channel))
    refused = store.run(*words, code=1, KOPS_RUN_TOO_NEW_VERSION="1", AWS_ENDPOINT_URL=NOWHERE)
    assert [line.partition(": ")[0] for line in refused.stdout.splitlines()] == [
        "spec.channel", "spec.kubernetesVersion"
    ]  # fmt: skip
    assert refused.stdout.count("KOPS_RUN_OBSOLETE_VERSION=1") == 2
    store.run(*words, KOPS_RUN_OBSOLETE_VERSION="yes", KOPS_RUN_TOO_NEW_VERSION="1", AWS_ENDPOINT_URL=NOWHERE)
