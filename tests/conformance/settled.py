"""Conformance of plans: a cluster that kOps applied has an empty plan.

The account has the resources of kOps' Terraform of a case: its user data, node files and add-ons, with its
certificates. Hashes that kOps fetched are taken from its output.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path

from kops_core.cloud.aws.resources.groups import LaunchTemplate
from kops_core.infer.complete import infer
from kops_core.model.build import DesiredState, desired_resources
from kops_core.model.resource import Resource
from kops_core.model.store_resources import BootstrapChannel, ManagedFile
from kops_core.model.template import Key, Ref, sha256_base64
from kops_core.plan.changes import Plan
from kops_core.plan.equivalence import plan_with_equivalents
from kops_core.plan.planner import make_plan
from kops_core.plan.snapshot import Snapshot
from tests.conformance.addons import ENVIRONMENT
from tests.conformance.node_files import yaml
from tests.conformance.resources import hash_lookup, hashes, settings
from tests.conformance.suite import Suite
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import SUITES, completed_cases, inputs
from tests.plan.fixtures import NOW, applied, value_of

_NODEUP = re.compile(r"^NODEUP_URL_\w+=(\S*)\nNODEUP_HASH_\w+=(\S*)$", re.MULTILINE)
_PINNED = re.compile(r"([0-9a-f]{64})@(\S+)")


def suites() -> list[Suite]:
    """One for each part of the corpus."""
    return [Suite(f"settled {suite}", partial(_names, suite), partial(check, suite)) for suite in SUITES]


def _names(suite: str) -> list[str]:
    return [case.name for case in completed_cases(suite) if _data(case).is_dir()]


def _data(case: Path) -> Path:
    return case / "terraform" / "data"


def check(suite: str, name: str) -> str:
    """The first change in the plan of a cluster that kOps has just applied."""
    plan, _, _ = after_kops(suite, name)
    return next((f"{each.key}: {each.action.value}" for each in plan.pending), "")


def after_kops(suite: str, name: str) -> tuple[Plan, DesiredState, Snapshot]:
    """The plan of a case once kOps has applied it, with its input."""
    written, desired = _written(suite, name), desired_of(suite, name)
    change = {
        resource.key: partial(_as_written, text, written)
        for resource in desired.resources
        if (text := written.get(_file(resource))) is not None
    }
    snapshot = applied(desired, change=change, value=partial(_value, _keys(written)))

    def plan_for(state: DesiredState) -> Plan:
        return make_plan(state, snapshot, cluster=state.cluster, inputs_digest="x", now=NOW)

    return *plan_with_equivalents(desired, snapshot, plan_for), snapshot


def desired_of(suite: str, name: str) -> DesiredState:
    """The desired state of a case, with the hashes that kOps fetched."""
    case = corpus_dir() / suite / name
    fetched = _fetched(_written(suite, name).values())
    return desired_resources(
        infer(inputs(case, suite)),
        replace(
            settings(case, suite),
            asset_hash=hash_lookup({**fetched, **hashes()}),
            balancer_known=False,
            environment=ENVIRONMENT,
        ),
    )


def _written(suite: str, name: str) -> dict[str, str]:
    """kOps' files by name."""
    return {path.name: path.read_text() for path in sorted(_data(corpus_dir() / suite / name).iterdir())}


def _file(resource: Resource) -> str:
    """The name of the file of a resource in kOps' Terraform."""
    if isinstance(resource, LaunchTemplate):
        return f"aws_launch_template_{resource.name}_user_data"
    return f"aws_s3_object_{resource.name}_content"


def _as_written(text: str, written: Mapping[str, str], resource: Resource) -> Resource:
    """A resource with kOps' text in it."""
    if isinstance(resource, LaunchTemplate):
        return replace(resource, user_data=_with_hash(text, written))
    assert isinstance(resource, ManagedFile)
    if not str(resource.contents).endswith("\n"):
        # Every file of the corpus ends with a newline, whether kOps' own does or not.
        text = text.removesuffix("\n")
    if isinstance(resource, BootstrapChannel):
        text = _with_hashes(text, str(resource.contents), resource.name, written)
    return replace(resource, contents=text)


def _with_hash(user_data: str, written: Mapping[str, str]) -> str:
    """User data with the hash of the configuration in the corpus: ids in it were renamed after hashing."""
    group = re.search(r"^InstanceGroupName: (\S+)$", user_data, re.MULTILINE)
    if group is None:
        return user_data
    sha256 = sha256_base64(written[f"aws_s3_object_nodeupconfig-{group[1]}_content"])
    return re.sub(r"^NodeupConfigHash: .*$", f"NodeupConfigHash: {sha256}", user_data, flags=re.MULTILINE)


def _with_hashes(theirs: str, ours: str, channel: str, written: Mapping[str, str]) -> str:
    """kOps' channel with the hashes of the manifests in the corpus, for the same reason, else with ours."""
    found = _hashes(theirs)
    for addon, sha256 in _hashes(ours).items():
        kept = written.get(f"aws_s3_object_{channel.removesuffix('bootstrap')}{addon}_content")
        known = sha256 if kept is None else hashlib.sha256(kept.removesuffix("\n").encode()).hexdigest()
        theirs = theirs.replace(found.get(addon, known), known)
    return theirs


def _hashes(channel: str) -> dict[str, str]:
    """Add-on -> hash of its manifest."""
    return {
        "-".join(filter(None, (each["name"], each.get("id")))): each["manifestHash"]
        for each in yaml(channel)["spec"]["addons"]
    }


def _fetched(texts: Iterable[str]) -> Mapping[str, str]:
    """URL -> SHA-256 of what kOps fetched hashes for, nodeup among it."""
    found: dict[str, str] = {}
    for text in texts:
        found |= {url: sha256 for sha256, urls in _PINNED.findall(text) for url in urls.split(",")}
        found |= {url: sha256 for urls, sha256 in _NODEUP.findall(text) for url in urls.split(",")}
    return found


def _keys(written: Mapping[str, str]) -> Mapping[Ref, str]:
    """The outputs of keysets, from the node configurations."""
    found: dict[Ref, str] = {}
    for name, text in written.items():
        if not name.startswith("aws_s3_object_nodeupconfig-"):
            continue
        document = yaml(text)
        for keyset, certificates in (document.get("CAs") or {}).items():
            found[Ref(Key("Keypair", keyset), "certificates")] = certificates
        for keyset, number in (document.get("KeypairIDs") or {}).items():
            found[Ref(Key("Keypair", keyset))] = number
        keys = (document.get("APIServerConfig") or {}).get("ServiceAccountPublicKeys")
        if keys:
            found[Ref(Key("Keypair", "service-account"), "public_keys")] = keys
    if "aws_s3_object_keys.json_content" in written:
        jwks = written["aws_s3_object_keys.json_content"].removesuffix("\n")
        found[Ref(Key("Keypair", "service-account"), "jwks")] = jwks
    return found


def _value(keys: Mapping[Ref, str], ref: Ref) -> str:
    return "" if ref.attribute == "addresses" else keys.get(ref, value_of(ref))
