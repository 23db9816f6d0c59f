"""Files of nodes, compared with kOps'; ``python -m tests.conformance "node files"`` runs all cases."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from kops_core.api.values import Value
from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.nodes.assets import UnknownHash
from kops_core.model.resolve import resolve
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key, Ref, sha256_base64
from tests.conformance.node_files import byte_for_byte, differences
from tests.conformance.resources import desired, settings
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import inputs
from tests.model.boot_machine import (
    CASE,
    FIRST,
    NODEUP,
    SECOND,
    SUITE,
    boot,
    curl_from_folder,
    expecting,
    needs_tools,
    packed,
    script_of,
    script_with,
)
from tests.model.test_resources import sample

pytestmark = pytest.mark.full


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
    blind = replace(settings(path, SUITE), asset_hash=lambda url, place: None)
    with pytest.raises(UnknownHash, match=r"^https://.*linux/amd64/"):
        desired_resources(infer(inputs(path, SUITE)), blind)


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
    (tmp_path / "boot").write_text(script_with(**spec))
    program = Path(sys.executable).with_name("shellcheck")
    ran = subprocess.run([program, tmp_path / "boot"], capture_output=True, text=True, check=False)
    assert ran.stdout == ""


@needs_tools
@pytest.mark.parametrize("case", ["minimal-aws", "compress"])
def test_the_boot_script_runs_nodeup_with_its_configuration(tmp_path: Path, case: str) -> None:
    ran = boot(
        tmp_path, expecting(script_of(case), NODEUP), curl_from_folder(tmp_path, {FIRST: packed(NODEUP)})
    )
    config = tmp_path / "opt" / "kops" / "conf" / "kube_env.yaml"
    assert ran.stdout.splitlines()[-1] == f"--install-systemd-unit --conf={config} --v=8"
    assert "InstanceGroupName: nodes" in config.read_text()
    assert (tmp_path / "asked").read_text().split() == [FIRST]


@needs_tools
def test_the_boot_script_takes_nothing_with_a_wrong_hash(tmp_path: Path) -> None:
    served = {FIRST: packed(b"#!/bin/sh\necho evil\n"), SECOND: packed(NODEUP)}
    ran = boot(tmp_path, expecting(script_of(CASE), NODEUP), curl_from_folder(tmp_path, served))
    assert "evil" not in ran.stdout
    assert "has another hash" in ran.stdout
    assert ran.stdout.splitlines()[-1].startswith("--install-systemd-unit")
    assert (tmp_path / "asked").read_text().split() == [FIRST, SECOND]


@needs_tools
def test_the_boot_script_sets_the_proxy_for_the_whole_machine(tmp_path: Path) -> None:
    script = script_with(
        egressProxy={"httpProxy": {"host": "proxy.example.com", "port": 3128}, "excludes": "a,b"}
    )
    (tmp_path / "etc" / "apt" / "apt.conf.d").mkdir(parents=True)
    boot(tmp_path, expecting(script, NODEUP), curl_from_folder(tmp_path, {FIRST: packed(NODEUP)}))
    etc = tmp_path / "etc"
    assert "https_proxy=http://proxy.example.com:3128\n" in (etc / "environment").read_text()
    assert "NO_PROXY=a,b,127.0.0.1" in (etc / "environment").read_text()
    assert "http://proxy.example.com:3128" in (etc / "apt" / "apt.conf.d" / "30proxy").read_text()
    manager = (etc / "systemd" / "system.conf.d" / "30-proxy.conf").read_text()
    assert 'DefaultEnvironment="http_proxy=http://proxy.example.com:3128"' in manager


@needs_tools
def test_the_boot_script_keeps_trying(tmp_path: Path) -> None:
    boot(tmp_path, script_of(CASE), curl_from_folder(tmp_path, {}))
    assert (tmp_path / "asked").read_text().split() == [FIRST, SECOND] * 2
    assert (tmp_path / "slept").read_text().split() == ["60", "60"]
