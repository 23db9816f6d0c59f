"""Modules of corpus cases: as the target writes them, and parsed as the corpus has kOps' ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from kops_core.cloud.aws.terraform.scope import Objects, TerraformSettings
from kops_core.cloud.terraform.hcl import Block, DataFile, Entry, Expression, Section, inline
from kops_core.infer.inference import Inference
from kops_core.model.template import Key, Ref
from tests.corpus import corpus_dir
from tests.infer.corpus_cases import facts

Parsed = dict[str, Any]


def kops_module(path: Path) -> Parsed:
    """A module of kOps', parsed."""
    document: Parsed = json.loads(path.read_text())
    return document


def settings(suite: str, inference: Inference) -> TerraformSettings:
    """The settings that kOps had for a suite; its memory file system shows as a bucket for tests."""
    held: Any = facts(suite)
    target: Any = inference.value(("spec", "target", "terraform"))
    extra = target if isinstance(target, dict) else {}
    return TerraformSettings(
        region=str(held["region"]),
        known=partial(_known, held, str(inference.value(("spec", "networkID")))),
        zone_vpcs={id_: zone["vpcs"] for id_, zone in held["hostedZones"].items()},
        objects=partial(_objects, str(inference.value(("spec", "configBase")))),
        provider=extra.get("providerExtraConfig", {}),
        files_provider=extra.get("filesProviderExtraConfig", {}),
    )


def _objects(own: str, base: str | None) -> Objects:
    scheme, _, rest = (base or own).partition("://")
    if scheme == "memfs":
        return Objects("testingBucket", rest, "us-test-1")
    bucket, _, prefix = rest.partition("/")
    return Objects(bucket, prefix, "us-east-1")


def _known(held: Mapping[str, Any], vpc: str, ref: Ref) -> str | None:
    match ref.key:
        case Key("DNSZone", name):
            zones: dict[str, dict[str, Any]] = held["hostedZones"]
            return next(id_ for id_, zone in zones.items() if name in (id_, zone["name"]))
        case Key("Keypair", name):
            return f"-----BEGIN {ref.attribute} {name}-----\n"
        case Key("InternetGateway" | "EgressOnlyInternetGateway" as kind, _):
            found = held["vpcs"][vpc][f"{kind[0].lower()}{kind[1:]}"]
            return str(found)
        case Key("NetworkLoadBalancer", name):
            return f"{name}.elb.example.com"
        case _:
            return None


def parsed(sections: Sequence[Section]) -> Parsed:
    """Sections in the form of the corpus' ``kubernetes.json``."""
    found: Parsed = {"resource": {}}
    for each in sections:
        body = _body(each.body)
        if each.type == "resource":
            kind, name = each.labels
            assert name not in found["resource"].setdefault(kind, {}), f"{kind}.{name} is there twice"
            found["resource"][kind][name] = body
        else:
            for label in reversed(each.labels):
                body = {label: body}
            found.setdefault(each.type, []).append(body)
    return found


def _body(body: Mapping[str, Entry]) -> Parsed:
    return {name: _parsed(entry) for name, entry in body.items() if entry != {}}


def _parsed(entry: Entry) -> Any:
    match entry:
        case Block(body):
            return [_body(body)]
        case Expression() | DataFile():
            return f"${{{inline(entry)}}}"
        case list() | tuple():
            return [_body(each.body) if isinstance(each, Block) else _parsed(each) for each in entry]
        case Mapping():
            return {name: _parsed(each) for name, each in entry.items()}
        case _:
            return entry


def corpus_module(suite: str, name: str) -> Parsed:
    """kOps' module of a case, parsed."""
    return kops_module(corpus_dir() / suite / name / "terraform" / "kubernetes.json")
