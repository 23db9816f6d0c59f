"""A cluster on a second provider: inferred, planned, applied, rolled and deleted."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from kops_core import (
    Action,
    CancelToken,
    Engine,
    Limits,
    Refused,
    RollingSettings,
    Settings,
    UsageError,
    parse_path,
)
from kops_core.engine.connections import Connections
from kops_core.store.applied_state import read_applied
from tests.provider.toy_cloud import NAME, ToyAccount, ToyProvider

CLUSTER = "toy.example.com"
DOCUMENTS = f"""
apiVersion: kops.k8s.io/v1alpha2
kind: Cluster
metadata:
  name: {CLUSTER}
spec:
  cloudProvider: {NAME}
  configBase: STORE/{CLUSTER}
  kubernetesVersion: 1.35.0
  kubernetesApiAccess: [10.0.0.0/8]
  sshAccess: [10.0.0.0/8]
  networkCIDR: 10.0.0.0/16
  networking:
    cilium: {{}}
  topology:
    dns:
      type: None
  etcdClusters:
  - name: main
    etcdMembers: [{{name: a, instanceGroup: control}}]
  - name: events
    etcdMembers: [{{name: a, instanceGroup: control}}]
  subnets:
  - {{name: fsn1, type: Public, region: eu-central, zone: fsn1, cidr: 10.0.1.0/24}}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: control
  labels: {{kops.k8s.io/cluster: {CLUSTER}}}
spec: {{role: ControlPlane, image: ubuntu-24.04, machineType: cx22, minSize: 1, maxSize: 1, subnets: [fsn1]}}
---
apiVersion: kops.k8s.io/v1alpha2
kind: InstanceGroup
metadata:
  name: nodes
  labels: {{kops.k8s.io/cluster: {CLUSTER}}}
spec: {{role: Node, image: ubuntu-24.04, machineType: cx22, minSize: 2, maxSize: 2, subnets: [fsn1]}}
"""


@pytest.fixture
def account() -> ToyAccount:
    return ToyAccount()


@pytest.fixture
def engine(account: ToyAccount, tmp_path: Path) -> Engine:
    store = f"file://{tmp_path}/store"
    settings = Settings(
        stores=(store,),
        write=True,
        state_dir=tmp_path / "state",
        data_dir=tmp_path / "data",
        cache_dir=tmp_path / "cache",
        operator="ann@bastion",
        environment={"HOME": str(tmp_path)},
    )
    engine = Engine(settings, connections=Connections({NAME: lambda given: ToyProvider(account, given)}))
    engine.create({"cluster.yaml": DOCUMENTS.replace("STORE", store).encode()})
    return engine


def _apply(engine: Engine) -> str:
    ended = engine.open(CLUSTER).apply(lambda _: None, CancelToken())
    assert ended.ok, ended.message
    return ended.message


def test_a_cluster_lives_and_dies_on_a_second_cloud(engine: Engine, account: ToyAccount) -> None:
    workspace = engine.open(CLUSTER)
    assert not account.asked, "opening asks no cloud"
    plan = workspace.plan().plan
    kinds = Counter(change.key.kind for change in plan.changes if change.action is Action.CREATE)
    assert (kinds["Network"], kinds["Firewall"], kinds["ServerGroup"]) == (1, 1, 2)
    assert workspace.inference.value("spec.kubelet.cgroupDriver") == "systemd"

    _apply(engine)
    assert [each for each in account.changes if "Network/" in each] == [f"create Network/{CLUSTER}"]
    assert account.changes.index(f"create Network/{CLUSTER}") == 0, "what others refer to comes first"
    assert sum(map(len, account.servers.values())) == 3
    assert _apply(engine) == "nothing to do"

    workspace = engine.open(CLUSTER)
    workspace.set(("instanceGroups", "nodes", "spec", "machineType"), "cx32")
    shown = workspace.plan()
    workspace.apply(lambda _: None, CancelToken(), request=shown.request, expected=shown.plan)
    outdated = [each for group in engine.open(CLUSTER).groups() for each in group.instances if each.reason]
    assert len(outdated) == 2
    ended = engine.open(CLUSTER).roll(
        [], lambda _: None, CancelToken(), settings=RollingSettings(node_interval=0, cloud_only=True)
    )
    assert ended.ok, ended.message
    servers = [each for group in account.servers.values() for each in group]
    assert Counter(each.machine_type for each in servers) == {"cx22": 1, "cx32": 2}

    deletion = engine.deletion(CLUSTER)
    account.changes.clear()
    ended = deletion.carry_out(deletion.plan(), lambda _: None, CancelToken(), Limits())
    assert ended.ok, ended.message
    assert account.resources == {}
    assert account.changes[-1] == f"delete Network/{CLUSTER}"
    assert [each.name for each in engine.fleet.clusters() if each.name] == []


def test_a_part_that_is_changed_by_hand_is_planned_back(engine: Engine, account: ToyAccount) -> None:
    _apply(engine)
    id_, firewall = next(
        (id_, each) for id_, each in account.resources.items() if each.key.kind == "Firewall"
    )
    del account.resources[id_]
    plan = engine.open(CLUSTER).plan().plan
    assert [(change.action, change.key) for change in plan.pending] == [(Action.CREATE, firewall.key)]


def test_a_cloud_that_the_run_does_not_have_is_refused_by_name(engine: Engine, tmp_path: Path) -> None:
    other = Engine(
        engine.settings, connections=Connections({"gce": lambda given: ToyProvider(ToyAccount(), given)})
    )
    workspace = other.open(CLUSTER)
    assert workspace.inference.value(parse_path("spec.cloudProvider")) == NAME, "it can be read all the same"
    with pytest.raises(Refused, match="does not work with the cloud hetzner yet"):
        workspace.plan()


def test_keys_that_a_terraform_module_needs_are_made_and_nothing_counts_as_applied(
    engine: Engine, account: ToyAccount
) -> None:
    workspace = engine.open(CLUSTER)
    with pytest.raises(UsageError, match="no Terraform"):
        workspace.terraform()
    assert engine.keypairs(CLUSTER).summaries(), "keysets are stored before the module is written"
    assert account.changes == []
    assert read_applied(workspace.state_store.backend, CLUSTER) is None
