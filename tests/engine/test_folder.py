"""Tests of storing what a folder of files says, and of refusing to write over changes by hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kops_core import Engine, Refused, Settings, read_files
from kops_core.engine.files.folder import FolderResult
from kops_core.errors import InvalidSpec, UsageError
from tests.cli.store import CLUSTER, FileStore
from tests.corpus import corpus_dir

Apply = Callable[..., list[FolderResult]]

SPEC = f"""\
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: {CLUSTER}
spec:
  channel: stable
  cloudProvider: aws
  kubernetesApiAccess: [0.0.0.0/0]
  networking: {{cni: {{}}}}
  topology: {{dns: {{type: None}}}}
  api: {{loadBalancer: {{type: Public, class: Network}}}}
  etcdClusters:
  - name: main
    etcdMembers: [{{instanceGroup: cp, name: a}}]
  - name: events
    etcdMembers: [{{instanceGroup: cp, name: a}}]
  subnets:
  - {{name: us-east-1a, type: Public, zone: us-east-1a}}
"""
GROUP = """\
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: {name}
  labels: {{kops.k8s.io/cluster: a.example.com}}
spec:
  role: {role}
  machineType: m5.large
  minSize: {size}
  maxSize: {size}
  image: 099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721
  subnets: [us-east-1a]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "git" / "clusters"
    folder.mkdir(parents=True)
    (folder / "cluster.yaml").write_text(SPEC)
    (folder / "cp.yaml").write_text(GROUP.format(name="cp", role="Master", size=1))
    (folder / "nodes.yml").write_text(GROUP.format(name="nodes", role="Node", size=2))
    (folder / "README.md").write_text("not a spec")
    (folder.parent / ".git").mkdir()
    (folder.parent / ".git" / "config.yaml").write_text("not: ours")
    return folder.parent


@pytest.fixture
def apply(tmp_path: Path, folder: Path) -> Apply:
    settings = Settings(
        stores=(f"file://{tmp_path}/store",),
        write=True,
        cloud_facts=corpus_dir() / "facts" / "generated.json",
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
        operator="ci@runner",
    )
    (tmp_path / "store").mkdir()

    def apply(*, overwrite: bool = False) -> list[FolderResult]:
        return Engine(settings).store_folder(read_files([str(folder)]), overwrite=overwrite)

    return apply


def stored(tmp_path: Path, key: str = "config") -> Path:
    return FileStore(tmp_path).files / key


def set_size(folder: Path, size: int) -> None:
    (folder / "clusters" / "nodes.yml").write_text(GROUP.format(name="nodes", role="Node", size=size))


def test_a_folder_creates_changes_and_then_changes_nothing(
    apply: Apply, folder: Path, tmp_path: Path
) -> None:
    (created,) = apply()
    assert {each for each in created.differences if each[0] == "+"} == {
        "+ cluster",
        "+ instance group cp",
        "+ instance group nodes",
    }
    assert "networkCIDR" in stored(tmp_path).read_text(), "as kOps stores a new cluster"
    before = stored(tmp_path).read_bytes()
    set_size(folder, 3)
    (changed,) = apply()
    assert changed.differences == (
        "~ instance group nodes spec.maxSize: 2 -> 3",
        "~ instance group nodes spec.minSize: 2 -> 3",
    )
    assert stored(tmp_path).read_bytes() == before, "what the folder leaves out stays as it was settled"
    assert apply()[0].differences == ()


def test_groups_that_are_gone_stay_and_are_told_until_somebody_deletes_them(
    apply: Apply, folder: Path, tmp_path: Path
) -> None:
    apply()
    (folder / "clusters" / "nodes.yml").unlink()
    assert apply()[0].kept == ("nodes",)
    assert apply()[0].kept == ("nodes",)
    stored(tmp_path, "instancegroup/nodes").unlink()
    assert apply() == [FolderResult(CLUSTER, ())]


def test_a_change_by_hand_is_refused_with_its_difference(apply: Apply, folder: Path, tmp_path: Path) -> None:
    apply()
    group = stored(tmp_path, "instancegroup/nodes")
    group.write_text(group.read_text().replace("maxSize: 2", "maxSize: 9"))
    set_size(folder, 3)
    before = group.read_bytes()
    with pytest.raises(
        Refused, match=r"changed since the folder was applied last.*spec.maxSize: 2 -> 9"
    ) as error:
        apply()
    assert "--overwrite" in (error.value.remedy or "")
    assert group.read_bytes() == before
    (done,) = apply(overwrite=True)
    assert "~ instance group nodes spec.maxSize: 9 -> 3" in done.differences
    assert apply()[0].differences == ()


def test_a_change_by_hand_that_the_folder_has_taken_in_is_none(
    apply: Apply, folder: Path, tmp_path: Path
) -> None:
    apply()
    group = stored(tmp_path, "instancegroup/nodes")
    group.write_text(group.read_text().replace("Size: 2", "Size: 4"))
    set_size(folder, 4)
    assert apply()[0].differences == ()
    set_size(folder, 5)
    assert len(apply()[0].differences) == 2


@pytest.mark.parametrize("what", ["added", "deleted"])
def test_groups_that_were_added_or_deleted_by_hand_are_told(apply: Apply, tmp_path: Path, what: str) -> None:
    apply()
    nodes = stored(tmp_path, "instancegroup/nodes")
    if what == "added":
        (nodes.parent / "extra").write_text(nodes.read_text().replace("name: nodes", "name: extra"))
    else:
        nodes.unlink()
    with pytest.raises(Refused, match=f"it was {what} by hand"):
        apply()


def test_a_cluster_that_no_folder_wrote_is_taken_over_only_if_told(
    apply: Apply, folder: Path, tmp_path: Path
) -> None:
    apply()
    (tmp_path / "store" / ".kops-tui" / CLUSTER / "folder.json").unlink()
    assert apply()[0].differences == (), "it does not differ"
    (tmp_path / "store" / ".kops-tui" / CLUSTER / "folder.json").unlink()
    set_size(folder, 7)
    with pytest.raises(Refused, match=r"not written from this folder before.*spec.maxSize: 2 -> 7"):
        apply()
    assert len(apply(overwrite=True)[0].differences) == 2


def test_a_damaged_record_is_an_error_that_overwrite_mends(
    apply: Apply, folder: Path, tmp_path: Path
) -> None:
    apply()
    (tmp_path / "store" / ".kops-tui" / CLUSTER / "folder.json").write_text("{")
    with pytest.raises(Exception, match="damaged"):
        apply()
    apply(overwrite=True)
    set_size(folder, 3)
    assert len(apply()[0].differences) == 2


def test_a_wrong_spec_changes_nothing(apply: Apply, folder: Path, tmp_path: Path) -> None:
    apply()
    set_size(folder, 3)
    (folder / "clusters" / "cp.yaml").write_text(
        GROUP.format(name="cp", role="Master", size=1).replace("machineType", "machinType")
    )
    with pytest.raises(InvalidSpec, match="machinType"):
        apply()
    assert "maxSize: 2" in stored(tmp_path, "instancegroup/nodes").read_text()


def test_a_folder_without_specs_is_refused(apply: Apply, folder: Path) -> None:
    for file in (folder / "clusters").iterdir():
        file.unlink()
    with pytest.raises(UsageError, match="no YAML or JSON files"):
        apply()
