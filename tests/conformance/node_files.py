"""Conformance of nodes' files: node configurations, boot configurations in user data, small files.

Certificates, key ids and hashes of kOps' own programs differ from run to run, so they are
compared by their presence; a hash over a file is checked against our own file. So are hashes
of Kubernetes releases that the tables of hashes do not have, which kOps fetched. kOps' Terraform can't
contain the names of new load balancers, so they are left out here, too.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64decode
from collections.abc import Iterator
from functools import cache, partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.model.resolve import resolve
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key, Ref, sha256_base64
from tests.conformance.resources import desired, hashes
from tests.conformance.suite import Suite, first_difference
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases

_BOOT = re.compile(r"<< ?'__EOF_KUBE_ENV'\n(.*?)\n__EOF_KUBE_ENV", re.DOTALL)
_PACKED = re.compile(r'echo "([^"]+)" \| base64 -d \| gzip -d')
_URLS = re.compile(r"^NODEUP_URLS?_(AMD64|ARM64)=(\S+)", re.MULTILINE)
BALANCER = "api-1.elb.amazonaws.com"
PEM = "(certificates or keys)"


def suites() -> list[Suite]:
    """One for each part of the corpus."""
    return [
        Suite(f"{level} {suite}", partial(_names, suite), partial(check, suite))
        for level, check in (("node files", parsed), ("node bytes", byte_for_byte))
        for suite in SUITES
    ]


def _names(suite: str) -> list[str]:
    return [case.name for case in completed_cases(suite) if _data(case)]


def _data(case: Path) -> dict[str, Path]:
    """The kept files about nodes by their part of the name."""
    found = {}
    for path in sorted((case / "terraform" / "data").glob("*")):
        match = re.fullmatch(
            r"aws_s3_object_((?:nodeupconfig|etcd-cluster-spec|manifests)-.*|kops-version\.txt)_content",
            path.name,
        )
        if match:
            found[match[1]] = path
        match = re.fullmatch(r"aws_launch_template_(.*)_user_data", path.name)
        if match:
            found[f"user data {match[1]}"] = path
    return found


def parsed(suite: str, name: str) -> str:
    """The first difference of a case."""
    return next(differences(suite, name), "")


def byte_for_byte(suite: str, name: str) -> str:
    """The first line of a node configuration that differs from what kOps wrote, with kOps' keys in it."""
    built = desired(suite, name).by_key()
    for what, path in _data(corpus_dir() / suite / name).items():
        resource = built.get(Key("ManagedFile", what))
        if not isinstance(resource, ManagedFile):
            continue
        expected = path.read_text()
        file = resolve(resource, partial(_value_in, yaml(expected)))
        for number, (one, other) in enumerate(
            zip_longest(expected.splitlines(), _without_balancer(str(file.contents)).splitlines()),
            start=1,
        ):
            same_hash = (
                one and other and one.partition("@")[2] and one.partition("@")[2] == other.partition("@")[2]
            )
            if one != other and not same_hash:
                return f"{what}: line {number}: expected {one!r}, is {other!r}"
    return ""


def _value_in(document: Any, ref: Ref) -> str:
    """The value that kOps had for a reference."""
    if ref.attribute == "dns_name":
        return BALANCER
    if ref.attribute == "addresses":
        return ""
    if ref.attribute == "certificates":
        return str(document["CAs"][ref.key.name])
    if ref.attribute == "public_keys":
        return str(document["APIServerConfig"]["ServiceAccountPublicKeys"])
    return str(document["KeypairIDs"][ref.key.name])


def differences(suite: str, name: str) -> Iterator[str]:
    """All differences of a case, a line each."""
    resources = {
        key: resolve(resource, _value)
        for key, resource in desired(suite, name).by_key().items()
        if isinstance(resource, ManagedFile | LaunchTemplate)
    }
    for what, path in _data(corpus_dir() / suite / name).items():
        expected = path.read_text()
        if what.startswith("user data "):
            template = resources.get(Key("LaunchTemplate", what.removeprefix("user data ")))
            if not isinstance(template, LaunchTemplate) or template.user_data is None:
                yield f"{what}: missing"
                continue
            found = _user_data(expected, str(template.user_data), resources)
        else:
            file = resources.get(Key("ManagedFile", what))
            if not isinstance(file, ManagedFile):
                yield f"{what}: missing"
                continue
            actual = yaml(_without_balancer(str(file.contents)))
            found = first_difference(_masked(yaml(expected)), _masked(actual))
        if found:
            yield f"{what}: {found}"


def _value(ref: Ref) -> str:
    if ref.attribute == "dns_name":
        return BALANCER
    if ref.attribute == "addresses":
        return ""
    if ref.attribute in ("certificates", "public_keys"):
        return f"-----BEGIN {ref.key.name}-----\n"
    return f"{ref.attribute} of {ref.key}"


def _user_data(expected: str, actual: str, resources: dict[Key, Any]) -> str:
    theirs, ours = _boot(expected), _boot(actual)
    if theirs is None:
        return "" if ours is None else "a boot configuration that is not expected"
    if ours is None:
        return "has no boot configuration"
    pinned = str(ours.get("NodeupConfigHash"))
    file = resources[Key("ManagedFile", f"nodeupconfig-{ours['InstanceGroupName']}")]
    if pinned != sha256_base64(str(file.contents)):
        return "NodeupConfigHash is not that of the node configuration"
    if _URLS.findall(expected) != _URLS.findall(actual):
        return f"fetches from {_URLS.findall(actual)}, expected {_URLS.findall(expected)}"
    return first_difference(_masked(theirs), _masked(ours))


def _without_balancer(text: str) -> str:
    return text.replace(f"ApiserverAdditionalIPs:\n- {BALANCER}\n", "")


def _boot(script: str) -> dict[str, Any] | None:
    packed = _PACKED.search(script)
    if packed:
        return dict(yaml(gzip.decompress(b64decode(packed[1])).decode()))
    match = _BOOT.search(script)
    return dict(yaml(match[1])) if match else None


@cache
def yaml(text: str) -> Any:
    """A document, parsed once."""
    return YAML(typ="safe", pure=False).load(text)


def _masked(value: Any, key: str = "") -> Any:
    """The document with values that differ from run to run replaced by placeholders."""
    if isinstance(value, dict):
        ids = key == "KeypairIDs"
        return {name: "(id)" if ids else _masked(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_masked(item, key) for item in value]
    if key == "NodeupConfigHash":
        return "(hash)"
    if isinstance(value, str) and value.startswith("-----BEGIN"):
        return PEM
    if isinstance(value, str) and re.match(r"[0-9a-f]{64}@", value):
        url = value.partition("@")[2]
        return value if url in hashes() else url
    return json.loads(json.dumps(value))
