"""The sandbox's process: real ones, with real sockets and signals."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from kops_core.cloud.sandbox.process import Sandbox
from kops_core.cloud.sandbox.seed import PUBLIC_ZONE, STATE_BUCKET, SUBNETS, VPC_CIDR, seed
from tests.sandbox.clients import s3_client

pytestmark = pytest.mark.full

LOOPBACK = "0100007F"
"""127.0.0.1 as /proc/net/tcp writes it."""
LISTEN = "0A"


def listeners(pid: int) -> list[str]:
    """Address:port, in hexadecimal, of every socket that a process listens on."""
    inodes = set()
    for handle in Path(f"/proc/{pid}/fd").iterdir():
        target = str(handle.readlink())
        if target.startswith("socket:["):
            inodes.add(target[8:-1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            columns = line.split()
            if columns[3] == LISTEN and columns[9] in inodes:
                found.append(columns[1])
    return found


def gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def soon(condition: Callable[[], bool], seconds: float = 10.0) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.02)
    return condition()


def test_it_listens_on_loopback_alone(sandbox: Sandbox) -> None:
    ports = [int(url.rpartition(":")[2]) for url in (sandbox.endpoint_url, sandbox.kubernetes_url)]
    assert sorted(listeners(sandbox.pid)) == sorted(f"{LOOPBACK}:{port:04X}" for port in ports)


def test_a_web_page_is_not_let_in(sandbox: Sandbox) -> None:
    request = urllib.request.Request(f"{sandbox.endpoint_url}/", headers={"Origin": "https://evil.example"})
    with urllib.request.urlopen(request) as answer:
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_stop_leaves_no_process(tmp_path: Path) -> None:
    sandbox = Sandbox.start(log=tmp_path / "log", wait=False)
    assert not gone(sandbox.pid)
    sandbox.stop()
    assert gone(sandbox.pid)
    sandbox.stop()


STARTER = """
import sys, time
from pathlib import Path
from kops_core.cloud.sandbox.process import Sandbox
print(Sandbox.start(log=Path(sys.argv[1]), wait=sys.argv[2] == "wait").pid, flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("moment", ["wait", "at once"])
def test_a_killed_starter_leaves_no_server(tmp_path: Path, moment: str) -> None:
    """Killed outright, while the server loads or when it serves."""
    command = [sys.executable, "-c", STARTER, str(tmp_path / "log"), moment]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        assert not gone(pid)
        starter.send_signal(signal.SIGKILL)
        starter.wait()
    assert soon(lambda: gone(pid))


def test_detached_it_outlives_its_starter_until_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert Sandbox.running() is None
    program = "from kops_core.cloud.sandbox.process import Sandbox; print(Sandbox.start(detached=True).pid)"
    started = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    pid = int(started.stdout)
    found = Sandbox.running()
    assert found is not None
    assert found.pid == pid
    found.stop()
    assert soon(lambda: gone(pid))
    assert Sandbox.running() is None


def test_an_old_state_file_does_not_kill_a_stranger(sandbox: Sandbox, tmp_path: Path) -> None:
    """The pid may be another process's by now, and the port another server's."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        Sandbox("http://127.0.0.1:9", "", stranger.pid, tmp_path / "log").stop()
        Sandbox(sandbox.endpoint_url, "", stranger.pid, tmp_path / "log").stop()
        assert stranger.poll() is None
        stranger.kill()


def test_logs_of_the_dead_are_swept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    folder = tmp_path / "kops-tui" / "sandbox"
    folder.mkdir(parents=True)
    with subprocess.Popen([sys.executable, "-c", ""]) as done:
        done.wait()
    (folder / f"sandbox-{done.pid}.log").touch()
    with Sandbox.start(wait=False):
        assert [path.name for path in folder.glob("*.log")] == [f"sandbox-{os.getpid()}.log"]


def test_interrupting_the_terminal_spares_the_server(sandbox: Sandbox) -> None:
    """Ctrl-C goes to every process of the terminal's group; the server ends when we say so."""
    assert os.getpgid(sandbox.pid) != os.getpgid(0)
    os.kill(sandbox.pid, signal.SIGINT)
    with urllib.request.urlopen(f"{sandbox.endpoint_url}/kops-tui/pid") as answer:
        assert answer.status == 200


def test_a_proxy_or_profile_of_the_user_does_not_matter(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_PROFILE", "no-such-profile")
    with Sandbox.start(log=tmp_path / "log"):
        pass


def test_the_account_at_start(sandbox: Sandbox) -> None:
    account = seed(sandbox)
    session = boto3.Session(
        aws_access_key_id="a", aws_secret_access_key="b", region_name=sandbox.env["AWS_REGION"]
    )
    ec2 = session.client("ec2", endpoint_url=sandbox.endpoint_url)
    zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
    assert zones == [f"us-east-1{letter}" for letter in "abcdef"]
    assert ec2.describe_vpcs(VpcIds=[account.vpc])["Vpcs"][0]["CidrBlock"] == VPC_CIDR
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [account.vpc]}])["Subnets"]
    assert {(one["AvailabilityZone"], one["CidrBlock"]) for one in subnets} == set(SUBNETS.values())
    images = ec2.describe_images(
        Owners=["099720109477"],
        Filters=[
            {
                "Name": "name",
                "Values": ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20260714"],
            }
        ],
    )["Images"]
    assert [image["Architecture"] for image in images] == ["x86_64"]
    route53 = session.client("route53", endpoint_url=sandbox.endpoint_url)
    zones_by_name = route53.list_hosted_zones_by_name(DNSName=PUBLIC_ZONE)["HostedZones"]
    assert zones_by_name[0]["Id"].endswith(account.public_zone)
    s3 = session.client("s3", endpoint_url=sandbox.endpoint_url)
    assert STATE_BUCKET in {bucket["Name"] for bucket in s3.list_buckets()["Buckets"]}


def test_a_sandbox_becomes_strict_when_it_is_told(tmp_path: Path) -> None:
    with Sandbox.start(log=tmp_path / "log") as sandbox:
        session = boto3.Session(aws_access_key_id="a", aws_secret_access_key="b", region_name=sandbox.region)
        ec2 = session.client("ec2", endpoint_url=sandbox.endpoint_url)
        vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"]
        sandbox.make_strict()
        sandbox.make_strict()
        hidden = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
        assert ec2.describe_vpcs(VpcIds=[hidden])["Vpcs"] == []
        assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"], "what was there stays"


def test_a_client_that_never_sends_the_rest_blocks_nobody(tmp_path: Path) -> None:
    """Such as one that was killed or stopped while it wrote a request."""
    with Sandbox.start(log=tmp_path / "log") as sandbox:
        host, _, port = sandbox.endpoint_url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as stalled:
            stalled.sendall(b"PUT /bucket/key HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nonly this")
            s3 = s3_client(sandbox, Config(read_timeout=20, retries={"max_attempts": 1}))
            s3.create_bucket(Bucket="bucket")
            assert [each["Name"] for each in s3.list_buckets()["Buckets"]] == ["bucket"]
