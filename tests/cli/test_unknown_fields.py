"""Specs with unknown fields, from another kOps or edited by hand: shown, reported, kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kops_core import Engine, InvalidSpec, Settings, Workspace, parse_path
from tests.cli.store import CLUSTER, FACTS, FileStore
from tests.corpus import corpus_dir

OLD = f"""\
apiVersion: kops/v1alpha2
kind: Cluster
metadata:
  creationTimestamp: "2018-05-04T03:02:01Z"
  name: {CLUSTER}
spec:
  api:
    dns: {{}}
  authorization:
    rbac: {{}}
  channel: stable
  cloudProvider: aws
  configBase: file:///x/{CLUSTER}
  etcdClusters:
  - enableEtcdTLS: true
    etcdMembers:
    - instanceGroup: master-us-east-1a
      name: a
    name: main
    provider: Legacy
  - etcdMembers:
    - instanceGroup: master-us-east-1a
      name: a
    name: events
  kubeAPIServer:
    insecureBindAddress: 127.0.0.1
    retiredFlag:
      nested: [1, two]
  kubernetesApiAccess:
  - 0.0.0.0/0
  kubernetesVersion: 1.21.5
  masterPublicName: api.{CLUSTER}
  networkCIDR: 172.20.0.0/16
  networking:
    weave:
      mtu: 8912
  nonMasqueradeCIDR: 100.64.0.0/10
  sshAccess:
  - 0.0.0.0/0
  subnets:
  - cidr: 172.20.32.0/19
    name: us-east-1a
    oldKnob: 7
    type: Public
    zone: us-east-1a
  topology:
    dns:
      type: Public
    masters: public
    nodes: public
"""
GROUP = f"""\
apiVersion: kops/v1alpha2
kind: InstanceGroup
metadata:
  creationTimestamp: "2018-05-04T03:02:01Z"
  labels:
    kops.k8s.io/cluster: {CLUSTER}
  name: NAME
spec:
  image: kope.io/k8s-1.21-debian-stretch-amd64-hvm-ebs-2021-05-13
  machineType: m5.large
  maxSize: 1
  minSize: 1
  retiredField: x
  role: ROLE
  subnets:
  - us-east-1a
"""
UNKNOWN = ("spec.kubeAPIServer.retiredFlag", "spec.subnets[0].oldKnob")


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    made = FileStore(tmp_path)
    (made.files / "instancegroup").mkdir(parents=True)
    made.home.mkdir()
    (made.files / "config").write_text(OLD)
    for name, role in (("master-us-east-1a", "Master"), ("nodes", "Node")):
        text = GROUP.replace("NAME", name).replace("ROLE", role)
        (made.files / "instancegroup" / name).write_text(text)
    return made


def _open(store: FileStore) -> Workspace:
    settings = Settings(
        stores=(f"file://{store.folder}/store",),
        write=True,
        cloud_facts=corpus_dir() / "facts" / "generated.json",
        state_dir=store.folder / "state",
        cache_dir=store.folder / "cache",
    )
    return Engine(settings).open(CLUSTER)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("get", "clusters"), 0),
        (("get", "clusters", "-o", "yaml"), 0),
        (("get", "clusters", "-o", "json"), 0),
        (("get", "instancegroups"), 0),
        (("get", "instancegroups", "-o", "yaml"), 0),
        (("validate", "spec", *FACTS), 1),
        (("plan", *FACTS), 1),
        (("update", "cluster", *FACTS), 1),
    ],
    ids=lambda value: " ".join(value[:4]) if isinstance(value, tuple) else str(value),
)
def test_each_command_names_what_is_ignored_with_its_line(
    store: FileStore, words: tuple[str, ...], code: int
) -> None:
    """Listing needs no credentials: there are none, and nobody would answer."""
    done = store.run(*words, code=code, AWS_EC2_METADATA_DISABLED="true")
    lines = OLD.splitlines()
    for path in UNKNOWN:
        name = path.rpartition(".")[2]
        line = next(number for number, text in enumerate(lines, 1) if text.strip().startswith(f"{name}:"))
        warned = f"warning: file://{store.files}/config:{line}: {path}: Unknown field"
        assert warned in done.stderr, done.stderr
    reads_groups = "clusters" not in words or "json" in words  # which only commands that show them do
    assert ("spec.retiredField: Unknown field" in done.stderr) == reads_groups
    if "yaml" in words:
        kept = ("retiredFlag", "oldKnob") if "clusters" in words else ("retiredField",)
        assert all(name in done.stdout for name in kept)


def test_what_is_ignored_is_kept_when_something_else_is_edited(store: FileStore) -> None:
    store.run("edit", "cluster", "--set", "spec.channel=alpha", *FACTS)
    after = (store.files / "config").read_text()
    assert "channel: alpha" in after
    for text in ("oldKnob: 7", "retiredFlag:\n      nested:\n      - 1\n      - two\n"):
        assert text in after
    store.run("edit", "instancegroup", "nodes", "--set", "spec.maxSize=2", *FACTS)
    group = (store.files / "instancegroup" / "nodes").read_text()
    assert "maxSize: 2" in group
    assert "retiredField: x" in group


def test_an_old_cluster_shows_its_own_values_with_the_errors_in_their_rows(store: FileStore) -> None:
    work = _open(store)
    rows = {".".join(map(str, row.path)): row for row in work.rows("cluster")}
    assert rows["spec.kubernetesVersion"].yours == "1.21.5"
    assert rows["spec.subnets.0.oldKnob"].yours == 7
    assert {"spec.kubernetesVersion"} <= {error.path for error in work.errors()}
    assert work.moved() == 0
    assert "oldKnob: 7" in work.document("cluster")


def test_in_an_edited_document_what_was_there_stays_and_what_is_new_is_an_error(store: FileStore) -> None:
    work = _open(store)
    text = work.document("cluster")
    work.replace_document("cluster", text.replace("channel: stable", "channel: alpha"))
    assert work.edits == 1
    with pytest.raises(InvalidSpec, match="kubernetesVersio"):
        work.replace_document("cluster", text.replace("kubernetesVersion:", "kubernetesVersio:"))
    with pytest.raises(InvalidSpec, match="oldKnob"):
        work.replace_document("cluster", text.replace("oldKnob: 7", "oldKnob: 8"))
    assert work.edits == 1
    work.unset(parse_path("spec.subnets[0].oldKnob"))
    work.save()
    assert "oldKnob" not in (store.files / "config").read_text()


def test_in_a_file_that_is_written_an_unknown_field_stays_an_error(store: FileStore) -> None:
    (store.folder / "new.yaml").write_text(OLD)
    before = (store.files / "config").read_text()
    done = store.run("replace", "-f", str(store.folder / "new.yaml"), *FACTS, code=1)
    assert "spec.subnets[0].oldKnob: Unknown field" in done.stderr
    assert (store.files / "config").read_text() == before


@pytest.mark.parametrize("url", ["foo", "s3:/bucket", "file:/x", "kops-state"])
def test_what_is_no_state_store_is_an_error_and_not_an_empty_table(store: FileStore, url: str) -> None:
    done = store.run("get", "clusters", code=1, KOPS_STATE_STORE=url)
    assert "error: " in done.stderr
    assert url.partition(":")[0] in done.stderr


def test_a_folder_that_is_not_there_is_an_error_too(store: FileStore) -> None:
    done = store.run("get", "clusters", code=1, KOPS_STATE_STORE=f"file://{store.folder}/nothing")
    assert f"{store.folder}/nothing" in done.stderr


def test_a_cluster_that_can_not_be_read_spoils_no_other(store: FileStore) -> None:
    broken = store.files.with_name("broken.example.com")
    broken.mkdir()
    (broken / "config").write_text("kind: [")
    done = store.run("get", "clusters", "-o", "yaml", code=1)
    assert f"name: {CLUSTER}" in done.stdout
    assert "broken.example.com/config" in done.stderr
    assert json.loads(store.run("get", "clusters", "-o", "json").stdout)


def test_what_nobody_can_read_is_shown_as_it_is_and_replaced_by_what_is_right(store: FileStore) -> None:
    config, group = store.files / "config", store.files / "instancegroup" / "nodes"
    whole, right = config.read_text(), group.read_text()
    config.write_text(whole.replace("spec:\n", "spec: [\n"))
    shown = store.run("get", "clusters", CLUSTER, "-o", "yaml", code=1)
    assert "spec: [" in shown.stdout
    assert f"{config}:" in shown.stderr
    gone = ("    oldKnob: 7\n", "    retiredFlag:\n      nested: [1, two]\n", "    provider: Legacy\n")
    known = whole.replace("    weave:\n      mtu: 8912\n", "    cilium: {}\n")
    for text in gone:
        assert text in known
        known = known.replace(text, "")
    (store.folder / "right.yaml").write_text(known)
    store.run("replace", "-f", str(store.folder / "right.yaml"), *FACTS)
    assert "channel: stable" in config.read_text()

    group.write_text(right.replace("maxSize: 1", "maxSize: [1"))
    listed = store.run("get", "ig", code=1)
    assert "nodes" in listed.stderr
    (store.folder / "group.yaml").write_text(right.replace("  retiredField: x\n", ""))
    store.run("replace", "-f", str(store.folder / "group.yaml"), *FACTS)
    assert "maxSize: 1" in group.read_text()
    assert "nodes" in store.run("get", "ig").stdout
