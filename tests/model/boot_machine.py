"""Runs a boot script as a machine would, with a root folder of its own and some tools replaced."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from kops_core.api.values import Value
from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.resolve import resolve
from kops_core.model.template import Key
from tests.addons.objects_of import case_inputs, changed
from tests.conformance.resources import desired, settings
from tests.corpus import corpus_dir

SUITE, CASE = "upstream/update", "minimal-aws"


needs_tools = pytest.mark.skipif(
    not all(shutil.which(name) for name in ("bash", "curl", "xz")),
    reason="bash, curl and xz run the boot script",
)


def script_of(name: str) -> str:
    key = Key("LaunchTemplate", f"nodes.{name}.example.com")
    template = resolve(desired(SUITE, name).by_key()[key], lambda ref: f"<{ref.key}>")
    assert isinstance(template, LaunchTemplate)
    return str(template.user_data)


def boot(
    tmp_path: Path, script: str, curl: str, *, machine: str = "x86_64"
) -> subprocess.CompletedProcess[str]:
    """Runs a boot script with its own root, the given curl, and a sleep that ends it the second time."""
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "etc").mkdir(exist_ok=True)
    stubs = {
        "curl": curl,
        "sysctl": "exit 1",
        "systemctl": "exit 0",
        "sleep": f'echo "$1" >>"{tmp_path}/slept"; [ "$(wc -l <"{tmp_path}/slept")" -lt 2 ] || kill $PPID',
        "uname": f"echo {machine}",
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
        timeout=30,
        check=False,
    )


def curl_from_folder(tmp_path: Path, served: Mapping[str, bytes]) -> str:
    """A curl, in shell, that fetches from a folder instead of the network, and notes each URL."""
    web = tmp_path / "web"
    web.mkdir()
    for url, content in served.items():
        (web / hashlib.sha256(url.encode()).hexdigest()).write_bytes(content)
    return (
        'while [ "$#" -gt 1 ]; do [ "$1" = --output ] && out=$2; shift; done;'
        f' echo "$1" >>"{tmp_path}/asked";'
        f' cp "{web}/$(printf %s "$1" | sha256sum | cut -c1-64)" "$out" 2>/dev/null || exit 22'
    )


NODEUP = b'#!/bin/sh\necho "$@"\n'
FIRST = "https://artifacts.k8s.io/binaries/kops/1.34.0-beta.1/linux/amd64/nodeup.xz"
SECOND = "https://github.com/kubernetes/kops/releases/download/v1.34.0-beta.1/nodeup-linux-amd64.xz"


def packed(content: bytes) -> bytes:
    return subprocess.run(["xz", "-c"], input=content, capture_output=True, check=True).stdout


def expecting(script: str, content: bytes) -> str:
    """The script with the hash of other contents, for both architectures."""
    given = hashlib.sha256(content).hexdigest()
    return re.sub(r"^(NODEUP_SHA256_\w+)=.*$", rf"\1={given}", script, flags=re.MULTILINE)


def script_with(**spec: Value) -> str:
    state = desired_resources(
        infer(changed(case_inputs(CASE), **spec)), settings(corpus_dir() / SUITE / CASE, SUITE)
    )
    template = resolve(
        state.by_key()[Key("LaunchTemplate", f"nodes.{CASE}.example.com")], lambda ref: f"<{ref.key}>"
    )
    assert isinstance(template, LaunchTemplate)
    return str(template.user_data)
