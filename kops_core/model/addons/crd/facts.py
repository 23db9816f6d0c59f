"""Semantic comparison of custom resource definitions.

Two are the same if everything is equal that the API server acts on: names, versions, scope, columns, and
each field's type, default, bounds and lists. Documentation (descriptions, messages, titles) is ignored.
Rules are expressions, which can't be compared; kOps' own are recognised by a digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping

from kops_core.api.values import Tree, Value

FOR_PEOPLE = frozenset(("description", "title", "example", "externalDocs"))
"""Keywords of a schema that the API server does not act on."""
RULES = "x-kubernetes-validations"
DEFAULTS: Mapping[str, Value] = {"preserveUnknownFields": False, "conversion": {"strategy": "None"}}
"""The API server's defaults for fields of a definition."""
_IMPLIED: Mapping[str, Value] = {
    "apiVersion": {"type": "string"},
    "kind": {"type": "string"},
    "metadata": {"type": "object"},
}
"""Fields that every object has, whether its schema says so or not."""
KOPS_RULES: Mapping[str, str] = {
    # adminnetworkpolicies.policy.networking.k8s.io
    "66a22f6ec2db3018d65169d4577a1c278caddecc7212e5fff22a368ed8834f82": (
        "754f9c2ada08d9f48e3a0f6d1d979c764e1a3cf3e96631d8d7cec4ee5769a879"
    ),
    # baselineadminnetworkpolicies.policy.networking.k8s.io
    "237ecf28c634448fc7cf4e0f92fe36912ef1dac7e2534e3a6894cc6ac0aa5883": (
        "20777896e245957dfca519d1c66b18730eac1935c8c2d981d8c70e4c8e7f11fd"
    ),
    # globalaccelerators.aga.k8s.aws
    "5a94c96613695886e48acba7d6a79f831e6e3ebf86f4e52f0933fe1d3a182eb9": (
        "ae6c77d5265a1983bb21ff4ae99c1f4d1261ee370255d472f05bda5e575c76c8"
    ),
    # listenerruleconfigurations.gateway.k8s.aws
    "31ee0bb486df2f158434e4c7ade3e1ebcbd4741df9668e6de605fc01897fd940": (
        "a841d9001b26bbcb09b8b578f3654b7fbb5f879be3a50fab1a462f477afceedd"
    ),
    # loadbalancerconfigurations.gateway.k8s.aws
    "fd037f156125520501466c18026869a87d8166b47d687239baa3feb5191bf566": (
        "e5b2bacc00fc90a5196a959f5fee93d6c4ef4def7d82f37fd2a5af4d3aac947b"
    ),
    # ec2nodeclasses.karpenter.k8s.aws
    "43605d8896017d746379404534f6143e62a48e5fe892b74731894b6b0c8abaaf": (
        "d7165ffe87aeab3f45cb12c157af2ef9f84e39c6f90a09bbe2bee7e2cff7b4c1"
    ),
    # nodeclaims.karpenter.sh
    "b26554339c5060d8917828e0f79e8e61b4eaa170a6fdb263cc9d90e239de4842": (
        "a32e3065395c8a65b265071014bb5dec20e5d3467d44c6059466eb8fc339c7dd"
    ),
    # nodeoverlays.karpenter.sh
    "9bb65e1fbe4ad7610d36edb2eebf94c209d5869700ccf7d1fd634a6b7d385e69": (
        "4aaf9afbd3c58fa5372ef51e6dc77dcefae2a8104bf2a24ae9485c685a183d46"
    ),
    # nodepools.karpenter.sh
    "fffa5244a80135e23f621c69a6301e609aa32e5a9498d0d140973d0e78e8d214": (
        "d69dad56c7f40468a99d95eb165eab97e38bded3a5d5ca6be3fcbba83dcd8b18"
    ),
    # adminnetworkpolicies.policy.networking.k8s.io of kindnet
    "bced8fb5691902944425f97b536ba7f8e2d36847158ad3a61ceb4151470394db": (
        "0b32f492517de3b49b448292bbceef2a62eba98052605c154572c1a6c66f0edb"
    ),
    # baselineadminnetworkpolicies.policy.networking.k8s.io of kindnet
    "3a14b591364a46c8574dd2bf2c046f46cf9204366eaeb435fcc1afef3e214515": (
        "e66d666d87e0aaf47ce286442329e38a409f075594f5d256cf405a9dfc53bb6c"
    ),
}
"""Digest of kOps' rules of a definition -> digest of our equivalent rules. Neither may change unnoticed."""


def same_definition(wanted: Tree, there: Tree) -> bool:
    """Whether a live definition is equivalent to the desired one, apart from metadata."""
    if _to_json(meaning(wanted)) != _to_json(meaning(there)):
        return False
    ours, theirs = rules_digest(wanted), rules_digest(there)
    return ours == theirs or KOPS_RULES.get(theirs) == ours


def _to_json(value: Value) -> str:
    """A value as JSON text, in which 1 and true differ."""
    return json.dumps(value, sort_keys=True)


def meaning(definition: Tree) -> Value:
    """The specification of a definition without rules, documentation and defaults."""
    spec = definition.get("spec")
    if not isinstance(spec, dict):
        return spec
    found = {name: value for name, value in spec.items() if name not in DEFAULTS or value != DEFAULTS[name]}
    versions = spec.get("versions")
    if isinstance(versions, list):
        found["versions"] = [_version(each) for each in versions]
    return found


def rules_digest(definition: Tree) -> str:
    """SHA-256 of all rules of a definition with their paths, without order and messages."""
    found: list[Value] = []
    _collect(definition.get("spec"), "", found)
    lines = sorted(map(_to_json, found))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _collect(value: Value, at: str, found: list[Value]) -> None:
    if isinstance(value, dict):
        rules = value.get(RULES)
        if isinstance(rules, list):
            found += [[at, _without(rule, "message")] for rule in rules]
        for name, item in value.items():
            _collect(item, f"{at}.{name}", found)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            _collect(item, f"{at}[{position}]", found)


def _without(value: Value, *names: str) -> Value:
    return (
        {key: item for key, item in value.items() if key not in names} if isinstance(value, dict) else value
    )


def _version(value: Value) -> Value:
    if not isinstance(value, dict):
        return value
    found = dict(value)
    if found.get("subresources") == {}:
        del found["subresources"]
    if "deprecationWarning" in found:
        found["deprecationWarning"] = ""
    columns = value.get("additionalPrinterColumns")
    if isinstance(columns, list):
        found["additionalPrinterColumns"] = [_column(each) for each in columns]
    root = value.get("schema")
    schema = root.get("openAPIV3Schema") if isinstance(root, dict) else None
    if isinstance(schema, dict):
        found["schema"] = _root(schema)
    return found


def _column(value: Value) -> Value:
    found = _without(value, "description")
    return _without(found, "priority") if isinstance(found, dict) and found.get("priority") == 0 else found


def _root(schema: Tree) -> Value:
    found = _schema(schema)
    properties = found.get("properties") if isinstance(found, dict) else None
    if isinstance(found, dict) and isinstance(properties, dict):
        found["properties"] = {
            name: item for name, item in properties.items() if name not in _IMPLIED or item != _IMPLIED[name]
        }
    return found


def _schema(value: Value) -> Value:
    """A schema without documentation and rules, and with required fields unordered."""
    if not isinstance(value, dict):
        return value
    found: Tree = {}
    for name, item in value.items():
        if name in FOR_PEOPLE or name == RULES:
            continue
        if name == "properties" and isinstance(item, dict):
            found[name] = {field: _schema(each) for field, each in item.items()}
        elif name in ("items", "additionalProperties", "not"):
            found[name] = _schema(item)
        elif name in ("allOf", "anyOf", "oneOf") and isinstance(item, list):
            found[name] = [_schema(each) for each in item]
        elif name == "required" and isinstance(item, list):
            found[name] = list[Value](sorted(map(str, item)))
        else:
            found[name] = item
    return found
