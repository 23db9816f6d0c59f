"""Control characters in specs, tags, locks or errors never reach the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from kops_core.escaping import printable
from kops_core.model.template import Key
from kops_core.plan.changes import Action, Change, FieldChange, Plan, Reason
from kops_core.plan.deletion import plan_deletion
from kops_core.plan.render import text as plan_text
from kops_core.plan.saved import dumps
from kops_core.plan.snapshot import DiscoveredResource, Snapshot
from tests.cli.store import CLUSTER, FileStore, cluster_store
from tests.plan.fixtures import NOW

HOSTILE = "\x1b[2J\x1b]0;owned\x07\u202egnp.exe\u2066\x9b31m\x85\u2028\r\x00\u200b\U000e0001end"


def _clean(text: str) -> bool:
    return all(each.isprintable() or each in "\n\t" for each in text)


def test_what_is_not_printable_is_spelled_out_and_the_rest_stays() -> None:
    assert printable("plain → text …") == "plain → text …"
    assert printable("a\nb\tc") == "a\\u000ab\\u0009c"
    assert printable("a\nb\tc", lines=True) == "a\nb\tc"
    assert _clean(printable(HOSTILE, lines=True))
    assert printable("\x1b[0m") == "\\u001b[0m"


def test_in_json_it_is_the_escape_of_the_same_text() -> None:
    for text in (HOSTILE, "\\" + HOSTILE, '"' + HOSTILE):
        whole = json.dumps({"a": text}, ensure_ascii=False)
        assert json.loads(printable(whole, lines=True)) == {"a": text}
        assert _clean(printable(whole, lines=True))


def test_a_name_can_not_add_lines_to_a_plan_or_a_deletion() -> None:
    forged = "x\n  + VPC/looks-real\nsummary: nothing to do"
    change = Change(
        Key("SecurityGroupRule", forged),
        Action.UPDATE,
        Reason.DIFFERS,
        (FieldChange("tags", "a", "b"),),
        rolls=(forged,),
        spec_paths=(("spec", "cloudLabels", forged),),
    )
    plan = Plan("c", "1", NOW, (change,), deferred=(change,))
    assert not [line for line in plan_text(plan).splitlines() if line.startswith(("  + VPC", "summary"))]
    found = DiscoveredResource(kind="VPC", name=forged, id="vpc-1", note=forged)
    shown = plan_text(plan_deletion("c", Snapshot(NOW, discovered=(found,))))
    assert not [line for line in shown.splitlines() if line.startswith(("  + VPC", "summary"))]
    assert json.loads(dumps(plan))["changes"][0]["name"] == forged


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = cluster_store(tmp_path)
    config = made.files / "config"
    quoted = json.dumps(HOSTILE.replace("\U000e0001", ""))
    config.write_text(
        config.read_text() + f"  networkCIDR: {quoted}\n  cloudLabels:\n    {quoted}: {quoted}\n"
    )
    return made


@pytest.mark.parametrize(
    "words",
    [
        ("get", "clusters"),
        ("get", "clusters", "-o", "json"),
        ("validate", "spec", "--cloud-facts", "FACTS"),
        ("get", "clusters", HOSTILE.replace("\0", "")),
        ("update", "cluster", HOSTILE.replace("\0", "")),
        ("history", HOSTILE.replace("\0", "")),
        ("edit", "cluster", "--set", f"{HOSTILE}=1", "--cloud-facts", "FACTS"),
        ("edit", "cluster", "--set", f"spec.kubernetesVersion={HOSTILE}", "--cloud-facts", "FACTS"),
        (HOSTILE,),
        ("--" + HOSTILE,),
    ],
    ids=lambda words: ascii(" ".join(words))[:60],
)
def test_no_command_writes_it_raw(store: FileStore, words: tuple[str, ...]) -> None:
    facts = store.folder / "facts.json"
    facts.write_text("{}")
    given = [word.replace("FACTS", str(facts)) for word in words]
    with patch("tests.cli.store._expected", lambda done, words, code: done):
        done = store.run(*given)
        assert _clean(done.told), ascii(done.told)
        if done.code:
            assert _clean(store.run(*given, "--debug").told)


NAMES = [
    "../../x",
    "-o",
    "$(id)",
    "a\x1b[31mb",
    "a\nb",
    "a/b",
    "x" * 300,
    "Ä",
    " ",
    "a b",
    ".",
    "-a",
    "a_b!",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_names_that_are_none_are_refused_when_written(tmp_path: Path, name: str) -> None:
    store = cluster_store(tmp_path)
    before = _files(store)
    facts = tmp_path / "facts.json"
    facts.write_text("{}")
    quoted = json.dumps(name)
    head = "apiVersion: kops.k8s.io/v1alpha2\nkind: {}\nmetadata:\n  name: {}\n"
    label = f"  labels:\n    kops.k8s.io/cluster: {CLUSTER}\n"
    (tmp_path / "cluster.yaml").write_text(
        head.format("Cluster", quoted) + "spec:\n  kubernetesVersion: 1.35.0\n  networkCIDR: 10.0.0.0/16\n"
    )
    (tmp_path / "group.yaml").write_text(
        head.format("InstanceGroup", quoted) + label + "spec:\n  role: Node\n  subnets: [a]\n"
    )
    told = []
    for words in (
        ("create", "-f", str(tmp_path / "cluster.yaml")),
        ("replace", "--force", "-f", str(tmp_path / "cluster.yaml")),
        ("create", "-f", str(tmp_path / "group.yaml")),
        ("replace", "--force", "-f", str(tmp_path / "group.yaml")),
    ):
        done = store.run(*words, "--cloud-facts", str(facts), code=1)
        assert _clean(done.stderr)
        told.append(done.stderr)
    assert all("metadata.name: Invalid value" in each for each in told), told
    assert told[0].partition("can't be the name")[2] == told[1].partition("can't be the name")[2]
    assert told[2].partition("can't be the name")[2] == told[3].partition("can't be the name")[2]
    keyset = store.run("create", "keypair", "--", name, code=64)
    assert "can't be the name of a keyset" in keyset.stderr
    assert _files(store) == before


def _files(store: FileStore) -> list[Path]:
    return sorted(path for path in (store.folder / "store").rglob("*") if path.is_file())
