"""``validate cluster`` as scripts see it: real processes, the auto-scaling groups of the embedded AWS, and an
HTTPS server with the cluster's own authority."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.store.keysets import Keyset, read_keyset
from kops_tui.cli import demo
from tests.kube.api_server import ApiServer, Json, api_server, authority
from tests.kube.objects import control_plane_pods, node, pod

pytestmark = pytest.mark.full

PROGRAM = Path(sys.executable).with_name("kops-tui")
CLUSTER = "us1.example.com"
CONTROL_PLANE, NODES = "control-plane-us-east-1a", "nodes-us-east-1a"


@dataclass(frozen=True)
class World:
    """The program, the cluster's authority, and its instances by group."""

    environment: dict[str, str]
    keyset: Keyset
    instances: dict[str, list[str]]

    def client(self, service: str) -> Any:
        return boto3.client(  # type: ignore[call-overload]
            service, region_name="us-east-1", endpoint_url=self.environment["AWS_ENDPOINT_URL"]
        )

    def command(self, api: ApiServer, *words: str) -> list[str]:
        return [str(PROGRAM), "validate", "cluster", CLUSTER, "--api-server", api.url, *words]

    def validate(self, api: ApiServer, *words: str, code: int) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            self.command(api, *words),
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == code, done.stdout + done.stderr
        assert "Traceback" not in done.stderr
        return done

    def nodes(self) -> list[Json]:
        return [
            *(node(f"cp-{id_}", id_, role="control-plane") for id_ in self.instances[CONTROL_PLANE]),
            *(node(f"node-{id_}", id_) for id_ in self.instances[NODES]),
        ]

    def pods(self) -> list[Json]:
        return [each for id_ in self.instances[CONTROL_PLANE] for each in control_plane_pods(f"cp-{id_}")]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    home = tmp_path_factory.mktemp("home")
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with Sandbox.start(log=home / "sandbox.log") as sandbox, pytest.MonkeyPatch.context() as patch:
        own = {"HOME": str(home), "XDG_STATE_HOME": str(home / "state")}
        for name, value in {**own, **sandbox.env}.items():
            patch.setenv(name, value)
        patch.setattr(demo, "DEMOS", [each for each in demo.DEMOS if each.name == CLUSTER])
        demo.seed_demo(sandbox, lambda _: None)
        bucket = sandbox.env["KOPS_STATE_STORE"].removeprefix("s3://")
        key = f"{CLUSTER}/pki/private/kubernetes-ca/keyset.yaml"
        stored = boto3.client("s3", endpoint_url=sandbox.endpoint_url).get_object(Bucket=bucket, Key=key)
        keyset = read_keyset(stored["Body"].read(), "kubernetes-ca", key)
        client = boto3.client("autoscaling", region_name="us-east-1", endpoint_url=sandbox.endpoint_url)
        groups = client.describe_auto_scaling_groups()["AutoScalingGroups"]
        instances = {
            each["AutoScalingGroupName"].split(".")[0]: [one["InstanceId"] for one in each["Instances"]]
            for each in groups
        }
        yield World(
            {**kept, **sandbox.env, **own, "AWS_ENDPOINT_URL": sandbox.endpoint_url}, keyset, instances
        )


@pytest.fixture
def api(world: World) -> Iterator[ApiServer]:
    with api_server(keyset=world.keyset, names=[f"api.internal.{CLUSTER}"]) as running:
        running.has(world.nodes(), world.pods())
        yield running


def failures(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    found = json.loads(done.stdout)["failures"]
    assert isinstance(found, list)
    return found


def test_a_cluster_that_works(world: World, api: ApiServer) -> None:
    told = world.validate(api, code=0).stdout
    for part in ("INSTANCE GROUPS", "NODE STATUS", f"Your cluster {CLUSTER} is ready", NODES):
        assert part in told
    assert "ERRORS" not in told
    assert {line.split()[0][:8] for line in api.asked} == {"kubecfg-"}, "as an administrator of our own"
    found = json.loads(world.validate(api, "-o", "json", code=0).stdout)
    assert sorted(found) == ["nodes"]
    assert {each["role"] for each in found["nodes"]} == {"control-plane", "node"}
    assert {each["status"] for each in found["nodes"]} == {"True"}


def test_the_flag_for_scripts_is_the_command(world: World, api: ApiServer) -> None:
    api.has(world.nodes(), world.pods())
    words = ["--validate", "--name", CLUSTER, "--api-server", api.url]
    for more, code in (["--wait", "1s"], 0), (["--filter-instance-groups", "x"], 64):
        done = subprocess.run(
            [str(PROGRAM), *words, *more], env=world.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert "there is no instance group x" in done.stderr
    api.has(world.nodes(), [])
    done = subprocess.run(
        [str(PROGRAM), *words], env=world.environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done.stderr


def test_what_is_wrong_is_told_with_its_group_and_the_next_step(world: World, api: ApiServer) -> None:
    worker = world.instances[NODES][0]
    master = world.instances[CONTROL_PLANE][0]
    nodes = [each for each in world.nodes() if each["metadata"] != node(f"node-{worker}", worker)["metadata"]]
    api.has(nodes, [*world.pods()[1:], pod("dns", f"cp-{master}", ready=False, waiting="ImagePullBackOff")])
    found = failures(world.validate(api, "-o", "json", code=2))
    by_kind = {(each["type"], each["name"]): each for each in found}
    assert sorted(by_kind) == [
        ("Machine", worker),
        ("Node", f"cp-{master}"),
        ("Pod", "kube-system/dns"),
    ]
    machine = by_kind["Machine", worker]
    assert machine["instanceGroup"] == {"metadata": {"name": NODES}, "spec": {"role": "Node"}}
    assert machine["blocksRollingUpdateOf"] == NODES
    assert worker in machine["nextStep"]
    lacks = by_kind["Node", f"cp-{master}"]
    assert "kube-apiserver" in lacks["message"]
    assert lacks["blocksRollingUpdateOf"] == "all"
    assert "ImagePullBackOff" in by_kind["Pod", "kube-system/dns"]["message"]
    assert by_kind["Pod", "kube-system/dns"]["since"] == "2026-11-30T00:00:00+00:00"

    told = world.validate(api, code=2).stdout
    for part in ("VALIDATION ERRORS", worker, "NEXT STEPS", f"{CLUSTER} is not valid"):
        assert part in told
    assert failures(world.validate(api, "-o", "json", "--filter-instance-groups", NODES, code=2))
    tolerated = world.validate(api, "-o", "json", "--max-unready-nodes", "1", code=2)
    assert "Machine" not in {each["type"] for each in failures(tolerated)}
    assert f"warning: {worker} is not ready" in tolerated.stderr
    assert "there is no instance group x" in world.validate(api, "--filter-instance-groups=x", code=64).stderr


def test_waiting_until_it_passes_several_times(world: World, api: ApiServer) -> None:
    """First the server is broken, then a node is away, then all is well: only data goes to stdout."""
    api.has([], world.pods())
    rounds = [0]

    def change(handler: Any) -> bool:
        if not handler.path.startswith("/api/v1/nodes"):
            return False
        rounds[0] += 1
        if rounds[0] == 1:
            return bool(handler.refuse(503, "etcd is away"))
        if rounds[0] == 3:
            api.has(world.nodes(), world.pods())
        return False

    api.faults.append(change)
    words = ("--wait", "100s", "--interval", "100ms", "--count", "2", "-o", "json")
    done = world.validate(api, *words, code=0)
    assert sorted(json.loads(done.stdout)) == ["nodes"]
    told = done.stderr.splitlines()
    assert rounds == [4]
    assert "it can't be told" in told[0]
    assert "503" in told[0]
    assert "not valid: Machine" in told[1]
    assert "valid 1 time in a row" in told[2]
    assert len(told) == 3


def test_the_time_to_wait_ends(world: World, api: ApiServer) -> None:
    api.has([], world.pods())
    done = world.validate(api, "--wait", "1s", "--interval", "300ms", "-o", "yaml", code=2)
    assert done.stdout.startswith("failures:\n")
    api.faults.append(lambda handler: bool(handler.refuse(503, "etcd is away")))
    done = world.validate(api, "--wait", "1s", "--interval", "300ms", "-o", "yaml", code=1)
    assert done.stdout == ""
    assert "status 503" in done.stderr


def test_a_wait_is_stopped_by_a_signal(world: World, api: ApiServer) -> None:
    api.has([], world.pods())
    with subprocess.Popen(
        world.command(api, "--wait", "10m", "--interval", "10m"),
        env=world.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stderr is not None
        assert "not valid" in process.stderr.readline()
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (1, "")
    assert "stopped before it was known" in err


def test_an_api_server_that_is_not_the_clusters(world: World) -> None:
    with api_server(
        keyset=authority("another"), clients=world.keyset, names=[f"api.internal.{CLUSTER}"]
    ) as other:
        other.has(world.nodes(), world.pods())
        done = world.validate(other, code=1)
    assert "certificate is not the cluster's" in done.stderr
    assert other.asked == []
    refused = world.validate(other, code=1)
    assert f"{other.url}: the API server refuses the connection" in refused.stderr
    assert "kube-apiserver" in refused.stderr


def test_the_placeholder_in_dns_is_told_without_connecting(world: World, api: ApiServer) -> None:
    done = world.validate(api, "--api-server", "https://203.0.113.123", "-o", "json", code=2)
    (failure,) = failures(done)
    assert (failure["type"], failure["name"]) == ("dns", "203.0.113.123")
    assert failure["blocksRollingUpdateOf"] == "all"
    assert api.asked == []


def test_machines_of_karpenter_are_found_by_their_tags(world: World, api: ApiServer) -> None:
    """Its groups have no auto-scaling group, and are as large as Karpenter makes them."""
    s3, ec2 = world.client("s3"), world.client("ec2")
    bucket, key = world.environment["KOPS_STATE_STORE"].removeprefix("s3://"), f"{CLUSTER}/instancegroup/karp"
    group = {
        "apiVersion": "kops.k8s.io/v1alpha2",
        "kind": "InstanceGroup",
        "metadata": {"name": "karp", "labels": {"kops.k8s.io/cluster": CLUSTER}},
        "spec": {"manager": "Karpenter", "role": "Node", "subnets": ["us-east-1a"]},
    }
    tags = {"KubernetesCluster": CLUSTER, "kops.k8s.io/instancegroup": "karp"}
    s3.put_object(Bucket=bucket, Key=key, Body=json.dumps(group).encode())
    try:
        world.validate(api, code=0)
        (made,) = ec2.run_instances(
            ImageId=ec2.describe_images()["Images"][0]["ImageId"],
            MinCount=1,
            MaxCount=1,
            TagSpecifications=[
                {"ResourceType": "instance", "Tags": [{"Key": k, "Value": v} for k, v in tags.items()]}
            ],
        )["Instances"]
        (failure,) = failures(world.validate(api, "-o", "json", code=2))
        assert (failure["type"], failure["name"]) == ("Machine", made["InstanceId"])
        assert failure["instanceGroup"]["metadata"]["name"] == "karp"
        api.has([*world.nodes(), node("karp-1", made["InstanceId"])], world.pods())
        assert "karp-1" in world.validate(api, code=0).stdout
        ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    finally:
        s3.delete_object(Bucket=bucket, Key=key)


def _kubeconfig(api: ApiServer, keyset: Keyset, user: Json) -> Json:
    data = b64encode(keyset.certificates).decode()
    cluster = {
        "server": api.url,
        "certificate-authority-data": data,
        "tls-server-name": f"api.internal.{CLUSTER}",
    }
    return {
        "contexts": [{"name": CLUSTER, "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": user}],
    }


def _plugin(folder: Path, status: Json) -> Json:
    """A credential plugin that prints a status."""
    (folder / "credential.json").write_text(json.dumps({"kind": "ExecCredential", "status": status}))
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1beta1",
            "command": "cat",
            "args": [str(folder / "credential.json")],
        }
    }


def test_signing_in_by_the_operators_kubeconfig(world: World, tmp_path: Path) -> None:
    """With each way of signing in; the store's keys are not used."""
    file = tmp_path / "kubeconfig"
    (tmp_path / "token").write_text("hunter2\n")
    with api_server(keyset=world.keyset, names=[f"api.internal.{CLUSTER}"]) as server:
        server.has(world.nodes(), world.pods())
        server.tokens = {"hunter2": "ci"}
        users: Sequence[Json] = (
            {"token": "hunter2"},
            {"tokenFile": "token"},
            _plugin(tmp_path, {"token": "hunter2", "expirationTimestamp": "2100-01-01T00:00:00Z"}),
        )
        for user in users:
            file.write_text(json.dumps(_kubeconfig(server, world.keyset, user)))
            world.validate(server, "--use-kubeconfig", "--kubeconfig", str(file), code=0)
        assert {line.split()[0] for line in server.asked} == {"ci"}

        file.write_text(json.dumps(_kubeconfig(server, world.keyset, {"token": "hunter3"})))
        denied = world.validate(server, "--kubeconfig", str(file), code=1)
        assert "does not accept our credentials" in denied.stderr
        refused: Sequence[tuple[Json, str]] = (
            ({"username": "a", "password": "hunter3"}, "username"),
            ({"exec": {"command": "false", "apiVersion": "x"}}, "plugin false of the kubeconfig failed"),
            ({"exec": {"command": "true", "apiVersion": "x"}}, "gave no credential"),
            ({"client-certificate": "/hunter3", "client-key-data": "x"}, "client-certificate"),
        )
        for user, told in refused:
            file.write_text(json.dumps(_kubeconfig(server, world.keyset, user)))
            wrong = world.validate(server, "--kubeconfig", str(file), code=64)
            assert told in wrong.stderr
            assert "hunter3" not in wrong.stderr
        file.write_text(json.dumps({"contexts": []}))
        missing = world.validate(server, "--kubeconfig", str(file), code=64)
        assert f"the kubeconfig has no context {CLUSTER}" in missing.stderr
        assert str(file) in missing.stderr

    certificate = subprocess.run(
        [str(PROGRAM), "helpers", "kubectl-auth", "--cluster", CLUSTER],
        env=world.environment,
        capture_output=True,
        check=True,
    )
    status = json.loads(certificate.stdout)["status"]
    with api_server(keyset=world.keyset, names=[f"api.internal.{CLUSTER}"]) as strict:
        strict.has(world.nodes(), world.pods())
        inline: Json = {
            "client-certificate-data": b64encode(status["clientCertificateData"].encode()).decode(),
            "client-key-data": b64encode(status["clientKeyData"].encode()).decode(),
        }
        for user in (inline, _plugin(tmp_path, status)):
            file.write_text(json.dumps(_kubeconfig(strict, world.keyset, user)))
            world.validate(strict, "--use-kubeconfig", "--kubeconfig", str(file), code=0)
