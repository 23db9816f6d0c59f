"""What kOps refuses in the corpus, as fields and kinds of error, and what we say about the same."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from kops_core.api.documents import read_documents
from kops_core.api.internal_names import to_v1alpha2
from kops_core.api.path import parse, render
from kops_core.api.values import Tree
from kops_core.errors import FieldError, InvalidSpec, UsageError
from kops_core.infer.complete import infer, prepare
from kops_core.infer.create.create import create
from kops_core.infer.create.flags import from_flags
from kops_core.infer.facts import keyed
from kops_core.validate.whole import validate_planned
from tests.corpus import corpus_dir
from tests.create.create_cases import channel, facts, settings
from tests.infer import corpus_cases

_KINDS = "Forbidden|Invalid value|Required value|Unsupported value|Duplicate value|Not found"
_FIELD_ERROR = re.compile(rf"(?:^|[ \[])([A-Za-z][A-Za-z0-9_.\-\[\]\"/]*): ({_KINDS})(?::|$)")
_UNKNOWN = re.compile(r"field (\S+) not found in \*Cluster")
_UNSETTABLE = re.compile(r'cannot set field "([^"]+)"')

_PLAIN_ERRORS = {
    "invalid dedicated instance type": ("spec.machineType", "Invalid value"),
    "LeaderElectionTimeout not supported": ("spec.etcdClusters[0].leaderElectionTimeout", "Forbidden"),
    "HeartbeatInterval not supported": ("spec.etcdClusters[0].heartbeatInterval", "Forbidden"),
    "panic: runtime error": ("spec.containerd.version", "Required value"),
}
"""Errors of kOps that name no field, and where they belong. It panics for NRI without a version."""

_INTERNAL = {
    "spec.networking.topology.dns.type": "spec.topology.dns.type",
    "spec.spec.kubeProxy.enabled": "spec.kubeProxy.enabled",
    "spec.cloudProvider.aws.awsLoadBalanceController": "spec.awsLoadBalancerController",
}
"""Paths in kOps' messages that are not even its internal ones."""

NAMES = {
    "@VPC@": "vpc-0shared0000000000",
    "@ZONEP@": "ZPRIVATEEXAMPLE",
    **{f"@SUB{place}@": f"subnet-0shared000000000{zone}" for place, zone in enumerate("abc")},
    **{f"@UTIL{place}@": f"subnet-0utility00000000{zone}" for place, zone in enumerate("abc")},
}


_ALWAYS = (
    "--image",
    "099720109477/ubuntu/images/hvm-ssd/ubuntu-xenial-16.04-amd64-server-20170721",
    "--control-plane-size",
    "m5.large",
)
"""What every generated case was given and rejected.json leaves out; a node size too, where it has none."""


@dataclass(frozen=True)
class Refusal:
    """One input that kOps refuses."""

    name: str
    places: frozenset[tuple[str, str]]
    """Path in v1alpha2 and kind of each error that kOps reports."""
    said: str


@cache
def generated() -> dict[str, tuple[Refusal, tuple[str, ...]]]:
    """Refused flags by number."""
    found = json.loads((corpus_dir() / "generated" / "rejected.json").read_bytes())
    return {
        f"flags{number:03}": (_refusal(f"flags{number:03}", each["error"]), tuple(each["flags"]))
        for number, each in enumerate(found)
    }


@cache
def mutated() -> dict[str, tuple[Refusal, str, str]]:
    """Refused documents by number, with the upstream case that they were made from."""
    found = json.loads((corpus_dir() / "mutated" / "rejected-specs.json").read_bytes())
    return {
        f"spec{number:02}": (_refusal(f"spec{number:02}", each["error"]), each["cluster"], each["base"])
        for number, each in enumerate(found)
    }


def of_flags(refusal: Refusal, flags: tuple[str, ...]) -> list[FieldError]:
    """What creating and planning the cluster says."""
    # The names were not kept: kOps speaks of gossip for those that end in k8s.local.
    name = "x.k8s.local" if "gossip" in refusal.said else "x.example.com"
    given = [*flags, *_ALWAYS, *(() if "--node-size" in flags else ("--node-size", "m5.large"))]
    given = [re.sub(r"@\w+@", lambda match: NAMES[match[0]], flag) for flag in given]
    known = settings("s3://kops-state")
    try:
        created = create(
            from_flags([name, *given]), facts("generated"), channel(), known, datetime(2026, 1, 1, tzinfo=UTC)
        )
    except InvalidSpec as refused:
        return list(refused.errors)
    documents = [created.cluster, *created.instance_groups]
    return validate_planned(
        infer(prepare(documents, facts=keyed(facts("generated")), channel=channel(), settings=known))
    )


def of_documents(text: str, base: str) -> list[FieldError]:
    """What planning the cluster says."""
    try:
        documents: list[Tree] = [document.tree for document in read_documents(text, keep_unknown=True)]
    except InvalidSpec as refused:
        return list(refused.errors)
    known: Tree = {
        "kopsVersion": "1.34.0-beta.1",
        "runTooNewVersion": True,
        "featureFlags": ["APIServerNodes"] if base == "apiservernodes" else [],
    }
    return validate_planned(
        infer(prepare(documents, facts=keyed(facts("upstream-update")), channel=channel(), settings=known))
    )


def refusals_of_accepted(case: Path, suite: str) -> list[FieldError]:
    """What is said about a case that kOps plans: nothing, one hopes."""
    found = corpus_cases.inputs(case, suite)
    # kOps' own tests plan newer versions of Kubernetes than the kOps version they set.
    accepting = replace(found, settings={**found.settings, "runTooNewVersion": True})
    return validate_planned(infer(accepting))


def missing(refusal: Refusal, errors: list[FieldError]) -> str:
    """Which of kOps' errors we do not report; "" if none."""
    ours = {(error.path, error.kind) for error in errors}
    lacking = sorted(refusal.places - ours)
    if not lacking and errors:
        return ""
    return f"kOps: {refusal.said}; lacking {lacking}; we said {sorted(ours)}"


def _refusal(name: str, error: str) -> Refusal:
    places: set[tuple[str, str]] = set()
    for pattern, kind in ((_UNKNOWN, "Unknown field"), (_UNSETTABLE, "Invalid value")):
        places |= {(path, kind) for path in pattern.findall(error)}
    if not places:
        places = {(_in_v1alpha2(path), kind) for path, kind in _FIELD_ERROR.findall(error)}
    for text, place in _PLAIN_ERRORS.items():
        if text in error:
            places = {place}
    assert places, error
    return Refusal(name, frozenset(places), error)


def _in_v1alpha2(path: str) -> str:
    if path in _INTERNAL:
        return _INTERNAL[path]
    if not path.startswith("spec."):
        return "spec." + path.partition(".spec.")[2]
    try:
        return render(to_v1alpha2(parse(path)))
    except UsageError:
        return path
