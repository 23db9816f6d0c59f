"""kubectl against the sandbox's Kubernetes: a client that we did not write shows whether it is faithful."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kops_core.cloud.sandbox.kubernetes.cluster import Cluster
from kops_core.cloud.sandbox.kubernetes.content import ADDONS, WORKLOADS
from kops_core.cloud.sandbox.kubernetes.https import KubernetesServer, Served
from kops_core.cloud.sandbox.kubernetes.machines import Machine
from kops_core.cloud.sandbox.kubernetes.timers import Timing
from kops_core.cloud.sandbox.kubernetes.tls import server_context
from kops_core.store.certificates import issue_client
from tests.kube.api_server import authority

pytestmark = [
    pytest.mark.full,
    pytest.mark.skipif(shutil.which("kubectl") is None, reason="there is no kubectl in PATH"),
]

NAME = "a.example.com"
SERVER = f"api.internal.{NAME}"
APP = """
apiVersion: v1
kind: Namespace
metadata: {name: demo}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: demo}
data: {colour: blue, size: "7"}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: app, namespace: demo, labels: {team: a}}
spec:
  replicas: 2
  selector: {matchLabels: {app: app}}
  template:
    metadata: {labels: {app: app}}
    spec:
      containers:
      - {name: main, image: "example.com/main:1", env: [{name: A, value: b}], ports: [{containerPort: 80}]}
      - {name: side, image: "example.com/side:1"}
"""


@dataclass
class Kubectl:
    """kubectl for one cluster."""

    cluster: Cluster
    lock: threading.RLock
    kubeconfig: Path

    def __call__(self, *words: str, code: int = 0, stdin: str = "") -> str:
        done = subprocess.run(
            self.command(*words),
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stdout + done.stderr

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "-o", "json"))

    def command(self, *words: str) -> list[str]:
        return ["kubectl", *words]

    @property
    def environment(self) -> dict[str, str]:
        home = str(self.kubeconfig.parent)
        return {"PATH": os.environ["PATH"], "HOME": home, "KUBECONFIG": str(self.kubeconfig)}

    def set_faults(self, **faults: object) -> None:
        with self.lock:
            self.cluster.set_faults(faults)


def _write_kubeconfig(file: Path, url: str, *, groups: tuple[str, ...] = ("system:masters",)) -> None:
    keyset = authority()
    made = issue_client(
        keyset.primary, "operator", groups, timedelta(hours=1), datetime.now(UTC), key_size=2048
    )
    cluster = {
        "server": url,
        "tls-server-name": SERVER,
        "certificate-authority-data": b64encode(keyset.certificates).decode(),
    }
    user = {
        "client-certificate-data": b64encode(made.certificate).decode(),
        "client-key-data": b64encode(made.private_key.reveal()).decode(),
    }
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}],
        "clusters": [{"name": "a", "cluster": cluster}],
        "users": [{"name": "a", "user": user}],
    }
    file.write_text(json.dumps(config))


@pytest.fixture
def kubectl(tmp_path: Path) -> Iterator[Kubectl]:
    """A cluster that has run for a while, with its times a hundredth of real ones."""
    born = datetime.now(UTC) - timedelta(hours=1)
    machines = [
        Machine("i-cp", "control-plane", "control-plane", "us-east-1a", born, "1.35.2"),
        *(Machine(f"i-{each}", "nodes", "node", f"us-east-1{each}", born, "1.35.1") for each in "abc"),
    ]
    cluster = Cluster(
        NAME,
        lambda: machines,
        lambda: datetime.now(UTC),
        timing=Timing().faster(100),
        objects=(*ADDONS, *WORKLOADS),
    )
    context = server_context(authority(), [SERVER])
    listener, lock = socket.create_server(("127.0.0.1", 0), backlog=64), threading.RLock()
    server = KubernetesServer(
        listener, lambda name: Served(cluster, context) if name == SERVER else None, lock
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    file = tmp_path / "kubeconfig"
    _write_kubeconfig(file, f"https://127.0.0.1:{listener.getsockname()[1]}")
    try:
        yield Kubectl(cluster, lock, file)
    finally:
        server.stop()
        thread.join()


def rows(text: str) -> list[list[str]]:
    return [line.split() for line in text.splitlines()]


def test_nodes_and_pods_are_shown(kubectl: Kubectl) -> None:
    header, *nodes = rows(kubectl("get", "nodes", "-o", "wide"))
    assert header[:6] == ["NAME", "STATUS", "ROLES", "AGE", "VERSION", "INTERNAL-IP"]
    assert [each[:3] for each in nodes] == [
        ["i-a", "Ready", "node"],
        ["i-b", "Ready", "node"],
        ["i-c", "Ready", "node"],
        ["i-cp", "Ready", "control-plane"],
    ]
    assert [each[4] for each in nodes] == ["v1.35.1"] * 3 + ["v1.35.2"]
    header, *pods = rows(kubectl("get", "pods", "-A", "-o", "wide"))
    assert header[:6] == ["NAMESPACE", "NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert {each[3] for each in pods} == {"Running"}
    on_one = kubectl(
        "get", "pods", "-A", "--field-selector", "spec.nodeName=i-cp", "-l", "k8s-app=kube-apiserver"
    )
    assert [each[1] for each in rows(on_one)[1:]] == ["kube-apiserver-i-cp"]
    assert (
        kubectl("get", "pods", "-n", "shop", "-l", "k8s-app in (mail),!gone", "-o", "name").count("pod/") == 1
    )
    assert "v1.35.2" in kubectl("version")
    assert "NoSchedule" in kubectl("describe", "node", "i-cp")
    assert 'pods "none" not found' in kubectl("get", "pod", "none", code=1)
    assert len(kubectl.json("get", "pods", "-A", "--chunk-size=3")["items"]) == len(pods)


def test_cordon_taint_and_label(kubectl: Kubectl) -> None:
    kubectl("cordon", "i-a")
    assert rows(kubectl("get", "node", "i-a"))[1][1] == "Ready,SchedulingDisabled"
    kubectl("uncordon", "i-a")
    assert "unschedulable" not in kubectl.json("get", "node", "i-a")["spec"]
    kubectl("taint", "node", "i-a", "dedicated=gpu:NoSchedule", "other:NoExecute")
    kubectl("taint", "node", "i-a", "dedicated=cpu:NoSchedule", "--overwrite")
    kubectl("taint", "node", "i-a", "other-")
    assert kubectl.json("get", "node", "i-a")["spec"]["taints"] == [
        {"key": "dedicated", "value": "cpu", "effect": "NoSchedule"}
    ]
    kubectl("taint", "node", "i-a", "dedicated-")
    kubectl("label", "node", "i-a", "colour=blue")
    assert rows(kubectl("get", "nodes", "-l", "colour=blue"))[1][0] == "i-a"
    kubectl("label", "node", "i-a", "colour-")
    assert "colour" not in kubectl.json("get", "node", "i-a")["metadata"]["labels"]


def test_a_drain_waits_for_a_budget_and_goes_on_once_it_allows(kubectl: Kubectl) -> None:
    words = ("drain", "i-a", "--ignore-daemonsets", "--delete-emptydir-data")
    kubectl.set_faults(frozen_budgets=["shop/web"])
    there = {each["metadata"]["name"] for each in pods_on(kubectl, "i-a")}
    assert any(each.startswith("web-") for each in there)
    told = kubectl(*words, "--timeout=2s", code=1)
    assert "web-" in told
    assert "disruption budget" in told
    left = {each["metadata"]["name"].rsplit("-", 2)[0] for each in pods_on(kubectl, "i-a")}
    assert left == {"web"}, "the others have left"
    kubectl.set_faults(frozen_budgets=[])
    told = kubectl(*words, "--timeout=50s")
    assert "node/i-a drained" in told
    assert pods_on(kubectl, "i-a") == []
    kubectl("wait", "--for=condition=Ready", "pod", "-l", "k8s-app=web", "-n", "shop", "--timeout=30s")
    assert len(kubectl.json("get", "pods", "-n", "shop", "-l", "k8s-app=web")["items"]) == 4
    kubectl("uncordon", "i-a")
    assert kubectl.json("get", "node", "i-a")["spec"].get("taints") is None


def pods_on(kubectl: Kubectl, node: str) -> list[Any]:
    """The pods of a node that a drain has to evict."""
    found = kubectl.json("get", "pods", "-A", "--field-selector", f"spec.nodeName={node}")["items"]
    owner = [each["metadata"]["ownerReferences"][0]["kind"] for each in found]
    return [each for each, kind in zip(found, owner, strict=True) if kind not in ("DaemonSet", "Node")]


@pytest.mark.parametrize("how", [(), ("--server-side",)])
def test_apply_creates_changes_and_leaves_alone(kubectl: Kubectl, how: tuple[str, ...]) -> None:
    apply = ("apply", *how, "-f", "-")
    kubectl(*apply, stdin=APP)
    kubectl("rollout", "status", "deployment/app", "-n", "demo", "--timeout=30s")
    again = kubectl(*apply, stdin=APP)
    if not how:
        assert again.count("unchanged") == 3
    before = kubectl.json("get", "deployment", "app", "-n", "demo")
    changed = APP.replace("main:1", "main:2").replace("replicas: 2", "replicas: 3").replace(', size: "7"', "")
    kubectl(*apply, stdin=changed)
    kubectl("rollout", "status", "deployment/app", "-n", "demo", "--timeout=30s")
    kubectl("wait", "--for=condition=Available", "deployment/app", "-n", "demo", "--timeout=30s")
    after = kubectl.json("get", "deployment", "app", "-n", "demo")
    images = [each["image"] for each in after["spec"]["template"]["spec"]["containers"]]
    assert images == ["example.com/main:2", "example.com/side:1"]
    assert after["spec"]["template"]["spec"]["containers"][0]["env"] == [{"name": "A", "value": "b"}]
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"] + 1
    if not how:
        assert kubectl.json("get", "configmap", "settings", "-n", "demo")["data"] == {"colour": "blue"}
    pods = kubectl.json("get", "pods", "-n", "demo")["items"]
    assert {each["spec"]["containers"][0]["image"] for each in pods} == {"example.com/main:2"}
    kubectl("scale", "deployment/app", "-n", "demo", "--replicas=1")
    kubectl("delete", "namespace", "demo", "--timeout=30s")
    assert "No resources found" in kubectl("get", "all", "-n", "demo") + "No resources found"
    assert kubectl.json("get", "pods", "-n", "demo")["items"] == []


def test_patches_of_each_kind(kubectl: Kubectl) -> None:
    kubectl(
        "patch",
        "node",
        "i-a",
        "--type=json",
        "-p",
        '[{"op":"add","path":"/spec/unschedulable","value":true}]',
    )
    assert kubectl.json("get", "node", "i-a")["spec"]["unschedulable"] is True
    kubectl("patch", "node", "i-a", "--type=merge", "-p", '{"spec":{"unschedulable":null}}')
    assert "unschedulable" not in kubectl.json("get", "node", "i-a")["spec"]
    patch = '{"spec":{"template":{"spec":{"containers":[{"name":"mail","image":"example.com/mail:2"}]}}}}'
    kubectl("patch", "deployment", "mail", "-n", "shop", "-p", patch)
    kubectl("rollout", "status", "deployment/mail", "-n", "shop", "--timeout=30s")
    refused = kubectl("patch", "node", "i-a", "--type=json", "-p", '[{"op":"remove","path":"/x"}]', code=1)
    assert "can't be applied" in refused
    stale = '{"metadata":{"resourceVersion":"1"},"spec":{"unschedulable":true}}'
    assert "has been modified" in kubectl("patch", "node", "i-a", "--type=merge", "-p", stale, code=1)


def test_a_watch_shows_changes_and_ends_when_the_server_breaks_it(kubectl: Kubectl) -> None:
    with subprocess.Popen(
        kubectl.command("get", "node", "i-a", "-w"),
        env=kubectl.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("NAME")
        assert process.stdout.readline().split()[:2] == ["i-a", "Ready"]
        kubectl("cordon", "i-a")
        assert process.stdout.readline().split()[:2] == ["i-a", "Ready,SchedulingDisabled"]
        kubectl.set_faults(broken_watches=1)
        kubectl("uncordon", "i-a")
        process.communicate(timeout=30)


def test_kinds_that_a_definition_adds(kubectl: Kubectl) -> None:
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "widgets.example.com"},
        "spec": {
            "group": "example.com",
            "names": {"plural": "widgets", "kind": "Widget", "singular": "widget"},
            "scope": "Namespaced",
            "versions": [{"name": "v1", "served": True, "storage": True}],
        },
    }
    widget = {
        "apiVersion": "example.com/v1",
        "kind": "Widget",
        "metadata": {"name": "w"},
        "spec": {"size": 3},
    }
    kubectl("apply", "-f", "-", stdin=json.dumps(definition))
    kubectl("apply", "-f", "-", stdin=json.dumps(widget))
    assert kubectl.json("get", "widgets", "w")["spec"] == {"size": 3}
    kubectl("delete", "widget", "w")


def test_who_may_not(kubectl: Kubectl) -> None:
    url = json.loads(kubectl.kubeconfig.read_text())["clusters"][0]["cluster"]["server"]
    _write_kubeconfig(kubectl.kubeconfig, url, groups=("developers",))
    assert "Forbidden" in kubectl("get", "nodes", code=1)
    config = json.loads(kubectl.kubeconfig.read_text())
    config["users"] = [{"name": "a", "user": {"token": "hunter2"}}]
    kubectl.kubeconfig.write_text(json.dumps(config))
    assert "Unauthorized" in kubectl("get", "nodes", code=1) + "Unauthorized"
