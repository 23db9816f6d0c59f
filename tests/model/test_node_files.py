"""What nodes read, against kOps; ``python -m tests.conformance "node files"`` runs all cases."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kops_core.api.values import Value
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.kinds.groups import LaunchTemplate
from kops_core.model.kinds.store import ManagedFile
from kops_core.model.nodes.assets import UnknownHash
from kops_core.model.resolve import resolve
from kops_core.model.resource import Key, Ref, sha256_base64
from tests.addons.objects_of import case_inputs, changed
from tests.conformance.node_files import byte_for_byte, differences
from tests.conformance.resources import desired, settings
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import inputs
from tests.model.test_resources import sample

SUITE, CASE = "upstream/update", "minimal-aws"


@pytest.mark.parametrize(("suite", "name"), sample(step=16))
def test_nodes_read_what_kops_would_have_them_read(suite: str, name: str) -> None:
    assert list(differences(suite, name)) == []
    assert byte_for_byte(suite, name) == ""


def test_user_data_pins_the_node_configuration() -> None:
    built = desired(SUITE, CASE).by_key()
    template, config = (
        built[Key("LaunchTemplate", "nodes.minimal-aws.example.com")],
        built[Key("ManagedFile", "nodeupconfig-nodes")],
    )
    ids = iter(range(1000))

    def lookup(ref: Ref) -> str:
        return known.setdefault(ref, f"{ref.attribute}-{next(ids)}")

    known: dict[Ref, str] = {}
    template, config = resolve(template, lookup), resolve(config, lookup)
    assert isinstance(template, LaunchTemplate)
    assert isinstance(config, ManagedFile)
    assert f"NodeupConfigHash: {sha256_base64(str(config.contents))}" in str(template.user_data).replace(
        '"', ""
    )


def test_an_unknown_hash_is_an_error_that_names_the_download() -> None:
    path = corpus_dir() / SUITE / CASE
    blind = replace(settings(path, SUITE), asset_hash=lambda url: None)
    with pytest.raises(UnknownHash, match=r"^https://.*linux/amd64/"):
        desired_resources(infer(inputs(path, SUITE)), blind)


def _script(name: str) -> str:
    key = Key("LaunchTemplate", f"nodes.{name}.example.com")
    template = resolve(desired(SUITE, name).by_key()[key], lambda ref: f"<{ref.key}>")
    assert isinstance(template, LaunchTemplate)
    return str(template.user_data)


def _boot(
    tmp_path: Path, script: str, served: dict[str, bytes], curl: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs a boot script with its own root and tools that fetch from a folder instead of the network."""
    tools, web = tmp_path / "tools", tmp_path / "web"
    for folder in (tools, web):
        folder.mkdir()
    for url, content in served.items():
        (web / hashlib.sha256(url.encode()).hexdigest()).write_bytes(content)
    stubs = {
        "curl": curl
        or 'while [ "$#" -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done;'
        f' echo "$1" >>"{tmp_path}/asked";'
        f' cp "{web}/$(printf %s "$1" | sha256sum | cut -c1-64)" "$out" 2>/dev/null || exit 22',
        "sysctl": "exit 1",
        "systemctl": "exit 0",
        "sleep": f'echo "$1" >>"{tmp_path}/slept"; [ "$(wc -l <"{tmp_path}/slept")" -lt 2 ] || kill $PPID',
        "uname": "echo x86_64",
    }
    for name, body in stubs.items():
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    rooted = script.replace("/var/lib/toolbox", str(tmp_path / "none"))
    for below in ("opt/kops", "etc/"):
        rooted = rooted.replace(f"/{below}", f"{tmp_path}/{below}")
    (tmp_path / "boot").write_text(rooted.replace("/bin/systemd-machine-id-setup", "/bin/true"))
    return subprocess.run(
        ["bash", str(tmp_path / "boot")],
        env={"PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )


NODEUP = b'#!/bin/sh\necho "$@"\n'
FIRST = "https://artifacts.k8s.io/binaries/kops/1.34.0-beta.1/linux/amd64/nodeup.xz"
SECOND = "https://github.com/kubernetes/kops/releases/download/v1.34.0-beta.1/nodeup-linux-amd64.xz"


def _packed(content: bytes) -> bytes:
    return subprocess.run(["xz", "-c"], input=content, capture_output=True, check=True).stdout


def _expecting(script: str, content: bytes) -> str:
    lines = [
        f"NODEUP_SHA256_AMD64={hashlib.sha256(content).hexdigest()}"
        if line.startswith("NODEUP_SHA256_AMD64=")
        else line
        for line in script.splitlines()
    ]
    return "\n".join(lines) + "\n"


needs_tools = pytest.mark.skipif(
    not (shutil.which("bash") and shutil.which("xz")), reason="bash and xz run the boot script"
)


PEM = "-----BEGIN CERTIFICATE-----\n" + ("A" * 64 + "\n") * 17 + "-----END CERTIFICATE-----\n"
"""As long as the certificate of a keyset, of 2048 bits."""
MOST = 16384
"""Bytes of user data that EC2 takes, before base64."""


@pytest.mark.parametrize(("suite", "name"), sample(step=24))
def test_user_data_is_what_ec2_takes_and_the_shell_reads(suite: str, name: str) -> None:
    for resource in desired(suite, name).resources:
        if isinstance(resource, LaunchTemplate) and resource.user_data is not None:
            text = str(resolve(resource, lambda ref: PEM).user_data)
            assert len(text.encode()) < MOST / 2
            if text.startswith("#!"):
                checked = subprocess.run(
                    ["bash", "-n"], input=text, capture_output=True, text=True, check=False
                )
                assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"assets": {"fileRepository": "s3://files"}},
        {"egressProxy": {"httpProxy": {"host": "proxy.example.com", "port": 3128}}},
    ],
    ids=["plain", "bucket", "proxy"],
)
def test_shellcheck_has_nothing_to_say(tmp_path: Path, spec: dict[str, Value]) -> None:
    (tmp_path / "boot").write_text(_script_with(**spec))
    program = Path(sys.executable).with_name("shellcheck")
    ran = subprocess.run([program, tmp_path / "boot"], capture_output=True, text=True, check=False)
    assert ran.stdout == ""


@needs_tools
@pytest.mark.parametrize("case", ["minimal-aws", "compress"])
def test_the_boot_script_runs_nodeup_with_its_configuration(tmp_path: Path, case: str) -> None:
    ran = _boot(tmp_path, _expecting(_script(case), NODEUP), {FIRST: _packed(NODEUP)})
    config = tmp_path / "opt" / "kops" / "conf" / "kube_env.yaml"
    assert ran.stdout.splitlines()[-1] == f"--install-systemd-unit --conf={config} --v=8"
    assert "InstanceGroupName: nodes" in config.read_text()
    assert (tmp_path / "asked").read_text().split() == [FIRST]


@needs_tools
def test_the_boot_script_takes_nothing_with_a_wrong_hash(tmp_path: Path) -> None:
    served = {FIRST: _packed(b"#!/bin/sh\necho evil\n"), SECOND: _packed(NODEUP)}
    ran = _boot(tmp_path, _expecting(_script(CASE), NODEUP), served)
    assert "evil" not in ran.stdout
    assert "has another hash" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("--install-systemd-unit")
    assert (tmp_path / "asked").read_text().split() == [FIRST, SECOND]


def _script_with(**spec: Value) -> str:
    state = desired_resources(
        infer(changed(case_inputs(CASE), **spec)), settings(corpus_dir() / SUITE / CASE, SUITE)
    )
    template = resolve(
        state.by_key()[Key("LaunchTemplate", f"nodes.{CASE}.example.com")], lambda ref: f"<{ref.key}>"
    )
    assert isinstance(template, LaunchTemplate)
    return str(template.user_data)


@needs_tools
def test_the_boot_script_fetches_from_a_bucket_with_the_machines_role(tmp_path: Path) -> None:
    script = _script_with(assets={"fileRepository": "s3://files/a+b"})
    # Stands for S3 and the machine's metadata; answers as they do, and notes what it was given.
    (tmp_path / "s3").write_bytes(_packed(NODEUP))
    curl = f"""
given=$*; for last; do :; done
case "$last" in
  */api/token) echo token ;;
  */security-credentials/) printf 'role\\nother\\n' ;;
  */security-credentials/role) echo '{{"AccessKeyId" : "ID", "SecretAccessKey":"KEY", "Token":"TOKEN"}}' ;;
  https://s3.us-test-1.amazonaws.com/files) printf 'HTTP/1.1 403\\r\\nX-Amz-Bucket-Region: eu-test-2\\r\\n' ;;
  https://s3.*) cat >"{tmp_path}/stdin"; echo "$given" >>"{tmp_path}/asked"
    while [ "$1" != --output ]; do shift; done; cp "{tmp_path}/s3" "$2" ;;
  *) exit 6 ;;
esac"""
    ran = _boot(tmp_path, _expecting(script, NODEUP), {}, curl=curl)
    assert ran.stdout.splitlines()[-1].startswith("--install-systemd-unit"), ran.stderr
    asked = (tmp_path / "asked").read_text()
    assert "--aws-sigv4 aws:amz:eu-test-2:s3" in asked
    place = "https://s3.eu-test-2.amazonaws.com/files/a%2Bb/binaries/kops/1.34.0-beta.1/linux/amd64/nodeup.xz"
    assert asked.split()[-1] == place
    assert (tmp_path / "stdin").read_text().splitlines() == [
        'user "ID:KEY"',
        'header "x-amz-security-token: TOKEN"',
    ]
    assert "KEY" not in asked.replace("--aws-sigv4", "")


@needs_tools
def test_the_boot_script_sets_the_proxy_for_the_whole_machine(tmp_path: Path) -> None:
    script = _script_with(
        egressProxy={"httpProxy": {"host": "proxy.example.com", "port": 3128}, "excludes": "a,b"}
    )
    (tmp_path / "etc" / "apt" / "apt.conf.d").mkdir(parents=True)
    _boot(tmp_path, _expecting(script, NODEUP), {FIRST: _packed(NODEUP)})
    etc = tmp_path / "etc"
    assert "https_proxy=http://proxy.example.com:3128\n" in (etc / "environment").read_text()
    assert "NO_PROXY=a,b,127.0.0.1" in (etc / "environment").read_text()
    assert "http://proxy.example.com:3128" in (etc / "apt" / "apt.conf.d" / "30proxy").read_text()
    manager = (etc / "systemd" / "system.conf.d" / "30-proxy.conf").read_text()
    assert 'DefaultEnvironment="http_proxy=http://proxy.example.com:3128"' in manager


@needs_tools
def test_the_boot_script_keeps_trying(tmp_path: Path) -> None:
    _boot(tmp_path, _script(CASE), {})
    assert (tmp_path / "asked").read_text().split() == [FIRST, SECOND] * 2
    assert (tmp_path / "slept").read_text().split() == ["60", "60"]
