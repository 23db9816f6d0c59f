"""What kOps refuses in the corpus, as fields and kinds of error, and what we say about the same."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from kops_core.api.internal_names import to_v1alpha2
from kops_core.api.path import parse, render
from kops_core.errors import FieldError, InvalidSpec, UsageError
from tests.corpus import corpus_dir
from tests.entry import FLAGS, TOO_NEW, engine_at, known_fields_of, opened, opened_with, run_settings

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
    engine = engine_at(run_settings("generated", state="s3://kops-state"), datetime(2026, 1, 1, tzinfo=UTC))
    try:
        engine.make_cluster(engine.create_options([name, *given]))
    except InvalidSpec as refused:
        return list(refused.errors)
    return []


def of_documents(text: str, base: str) -> list[FieldError]:
    """What planning the cluster says."""
    run = run_settings("mutated", FLAGS.get(base, ""), **TOO_NEW)
    try:
        return list(opened_with(known_fields_of(text, base), run).errors())
    except InvalidSpec as refused:
        return list(refused.errors)


def refusals_of_accepted(case: Path, suite: str) -> list[FieldError]:
    """What is said about a case that kOps plans: nothing, one hopes."""
    try:
        return list(opened(case, suite).errors())
    except InvalidSpec as refused:
        return list(refused.errors)


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
