"""Validation and defaults of custom resources by the shipped tables."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from kops_core.api.path import Part, set_at, unset_at
from kops_core.api.values import Tree, Value
from kops_core.model.addons.crd.facts import KOPS_RULES, rules_digest
from kops_core.model.addons.crd.schema import Shapes
from kops_core.model.addons.crd.table import read_table
from tests.addons.crd.structural import compiled, defaulted, errors, schema_of
from tests.addons.crd.tables import TABLES, definitions

LAST_APPLIED = 262144
"""Bytes that fit into the annotation in which client-side apply keeps an object."""
REQUEST = 3 * 2**19
"""Bytes of one object that etcd takes."""

NODE_POOL: Tree = {
    "apiVersion": "karpenter.sh/v1",
    "kind": "NodePool",
    "metadata": {"name": "default"},
    "spec": {
        "disruption": {"consolidateAfter": "1m"},
        "template": {
            "metadata": {"labels": {"team": "a"}},
            "spec": {
                "nodeClassRef": {"group": "karpenter.k8s.aws", "kind": "EC2NodeClass", "name": "nodes"},
                "requirements": [
                    {"key": "karpenter.k8s.aws/instance-cpu", "operator": "Gt", "values": ["3"]},
                    {"key": "kubernetes.io/arch", "operator": "In", "values": ["amd64"]},
                ],
            },
        },
    },
}
NODE_CLASS: Tree = {
    "metadata": {"name": "nodes"},
    "spec": {
        "amiSelectorTerms": [{"alias": "al2023@latest"}],
        "role": "nodes",
        "securityGroupSelectorTerms": [{"tags": {"a": "b"}}, {"id": "sg-1"}],
        "subnetSelectorTerms": [{"id": "subnet-1"}],
        "kubelet": {
            "evictionSoft": {"memory.available": "5%"},
            "evictionSoftGracePeriod": {"memory.available": "1m"},
            "imageGCHighThresholdPercent": 80,
            "imageGCLowThresholdPercent": 70,
        },
        "tags": {"team": "a"},
    },
}
CERTIFICATE: Tree = {
    "metadata": {"name": "web"},
    "spec": {
        "secretName": "web",
        "issuerRef": {"name": "ca", "kind": "ClusterIssuer"},
        "usages": ["digital signature", "server auth"],
        "privateKey": {"algorithm": "ECDSA", "size": 256},
    },
}
SNAPSHOT: Tree = {"spec": {"source": {"persistentVolumeClaimName": "data"}}}
LISTENER_RULE: Tree = {
    "spec": {
        "actions": [
            {"type": "fixed-response", "fixedResponseConfig": {"statusCode": 503}},
            {
                "type": "authenticate-cognito",
                "authenticateCognitoConfig": {
                    "userPoolArn": "a",
                    "userPoolClientId": "b",
                    "userPoolDomain": "c",
                },
            },
        ],
    },
}
BALANCER: Tree = {"spec": {"listenerConfigurations": [{"protocolPort": "HTTPS:443"}]}}
ACCELERATOR: Tree = {"spec": {"listeners": [{"portRanges": [{"fromPort": 80, "toPort": 443}]}]}}
POLICY: Tree = {
    "metadata": {"name": "default"},
    "spec": {
        "subject": {"namespaces": {}},
        "egress": [
            {
                "action": "Deny",
                "to": [{"networks": ["10.0.0.0/8"]}],
                "ports": [{"portNumber": {"port": 53, "protocol": "UDP"}}],
            }
        ],
    },
}
FELIX: Tree = {"spec": {"bpfProfiling": "Enabled", "floatingIPs": "Disabled"}}

KARPENTER = "karpenter/karpenter"
BALANCERS = "load_balancer_controller/load_balancer_controller"
OBJECTS: dict[str, Tree] = {
    f"{KARPENTER} NodePool": NODE_POOL,
    f"{KARPENTER} EC2NodeClass": NODE_CLASS,
    "cert_manager/cert_manager Certificate": CERTIFICATE,
    "snapshot_controller VolumeSnapshot": SNAPSHOT,
    f"{BALANCERS} ListenerRuleConfiguration": LISTENER_RULE,
    f"{BALANCERS} LoadBalancerConfiguration": BALANCER,
    f"{BALANCERS} GlobalAccelerator": ACCELERATOR,
    "kindnet BaselineAdminNetworkPolicy": POLICY,
    "network_policies BaselineAdminNetworkPolicy": POLICY,
    "calico/calico FelixConfiguration": FELIX,
    "amazon_vpc ENIConfig": {"spec": {"subnet": "subnet-1", "securityGroups": ["sg-1"]}},
    "iam_authenticator IAMIdentityMapping": {"spec": {"arn": "a", "username": "b", "groups": ["c"]}},
}


@pytest.mark.parametrize("name", OBJECTS)
def test_a_good_object_is_taken(name: str) -> None:
    assert errors(OBJECTS[name], schema_of(definitions()[name])) == []


POOL, CLASS = f"{KARPENTER} NodePool", f"{KARPENTER} EC2NodeClass"
TEMPLATE: tuple[Part, ...] = ("spec", "template", "spec")
LISTENER: tuple[Part, ...] = ("spec", "listenerConfigurations", 0)
LEAVE_OUT = object()


@pytest.mark.parametrize(
    ("name", "path", "value", "reason"),
    [
        # Words that are there twice or misspelt, and kinds of values
        (POOL, ("spec", "disruptions"), {}, ".spec.disruptions: unknown field"),
        (POOL, (*TEMPLATE, "requirements", 0, "vlaues"), ["4"], "vlaues: unknown field"),
        (POOL, ("spec", "weight"), "10", ".spec.weight: must be integer"),
        (POOL, ("spec", "weight"), 101, ".spec.weight: out of bounds"),
        (POOL, ("spec", "disruption", "consolidateAfter"), "soon", "must match"),
        (POOL, (*TEMPLATE, "nodeClassRef"), LEAVE_OUT, "nodeClassRef: is required"),
        (POOL, (*TEMPLATE, "requirements", 1, "operator"), "Is", "must be one of"),
        (POOL, (*TEMPLATE, "taints"), [{"key": "a", "effect": "Never"}], "must be one of"),
        (POOL, ("spec", "limits"), {"cpu": True}, "must be a number or a string"),
        ("cert_manager/cert_manager Certificate", ("spec", "issuerRef"), LEAVE_OUT, "issuerRef: is required"),
        ("cert_manager/cert_manager Certificate", ("spec", "usages", 0), "signature", "must be one of"),
        ("cert_manager/cert_manager Certificate", ("spec", "dnsName"), "a", "dnsName: unknown field"),
        ("calico/calico FelixConfiguration", ("spec", "bpfProfiling"), "On", "must be one of"),
        ("calico/calico FelixConfiguration", ("spec", "failsafeInboundHostPort"), [], "unknown field"),
        ("amazon_vpc ENIConfig", ("spec", "subnet"), LEAVE_OUT, "subnet: is required"),
        ("iam_authenticator IAMIdentityMapping", ("spec", "arn"), LEAVE_OUT, "arn: is required"),
        ("snapshot_controller VolumeSnapshot", ("spec", "source"), {}, "exactly one of several forms"),
        # Conditions across fields
        (POOL, ("spec", "disruption", "budgets"), [{"nodes": "1", "schedule": "@daily"}], "or neither"),
        (POOL, ("spec",), {**(NODE_POOL["spec"] or {}), "replicas": 1, "weight": 1}, "at most one"),  # type: ignore[dict-item]
        (POOL, (*TEMPLATE, "requirements", 1, "values"), [], "operator In needs values"),
        (POOL, (*TEMPLATE, "requirements", 0, "values"), ["-3"], "not negative"),
        (POOL, (*TEMPLATE, "requirements", 1, "minValues"), 2, "minValues can't be more"),
        (POOL, (*TEMPLATE, "requirements", 0, "key"), "karpenter.sh/nodepool", "reserved"),
        (POOL, (*TEMPLATE, "requirements", 0, "key"), "x.karpenter.k8s.aws/y", "reserved but for a few"),
        (POOL, ("spec", "template", "metadata", "labels"), {"karpenter.sh/x": "y"}, "reserved but for a few"),
        (POOL, ("spec", "template", "metadata", "labels"), {"kubernetes.io/hostname": "y"}, "reserved"),
        (CLASS, ("spec", "role"), "", "can't be empty"),
        (CLASS, ("spec", "role"), LEAVE_OUT, "exactly one of role, instanceProfile"),
        (CLASS, ("spec", "instanceProfile"), "p", "exactly one of role, instanceProfile"),
        (CLASS, ("spec", "amiFamily"), "Bottlerocket", "amiFamily is AL2023 or Custom"),
        (CLASS, ("spec", "amiSelectorTerms", 0), {"id": "ami-1"}, "amiFamily is needed"),
        (CLASS, ("spec", "amiSelectorTerms", 0, "alias"), "al2023", "FAMILY@VERSION"),
        (CLASS, ("spec", "amiSelectorTerms", 0, "alias"), "centos@latest", "the family of an alias"),
        (CLASS, ("spec", "amiSelectorTerms", 0, "alias"), "windows2022@1", "is latest"),
        (CLASS, ("spec", "amiSelectorTerms", 0, "name"), "x", "alias can't be set together"),
        (CLASS, ("spec", "subnetSelectorTerms", 0), {}, "at least one of tags, id"),
        (CLASS, ("spec", "subnetSelectorTerms", 0, "tags"), {"a": "b"}, "id can't be set together"),
        (CLASS, ("spec", "subnetSelectorTerms", 0), {"tags": {"a": ""}}, "can't be empty"),
        (CLASS, ("spec", "subnetSelectorTerms"), [], "can't be empty"),
        (CLASS, ("spec", "kubelet", "evictionSoftGracePeriod"), {}, "needs a grace period"),
        (CLASS, ("spec", "kubelet", "imageGCHighThresholdPercent"), 70, "must be > "),
        (CLASS, ("spec", "kubelet", "kubeReserved"), {"gpu": "1"}, "keys are cpu"),
        (CLASS, ("spec", "kubelet", "kubeReserved"), {"cpu": "-1"}, "values can't start with -"),
        (CLASS, ("spec", "tags"), {"kubernetes.io/cluster/x": "owned"}, "keys can't start with"),
        (CLASS, ("spec", "tags"), {"karpenter.sh/nodepool": "x"}, "reserved"),
        (CLASS, ("spec", "placementGroupSelector"), {"id": "pg-1", "name": "a"}, "at most one of name, id"),
        (
            CLASS,
            ("spec", "networkInterfaces"),
            [{"deviceIndex": 0, "networkCardIndex": 0, "interfaceType": "efa-only"}],
            "must be of type interface",
        ),
        (
            CLASS,
            ("spec", "networkInterfaces"),
            [{"deviceIndex": 0, "networkCardIndex": 0, "interfaceType": "interface"}] * 2,
            "one interface at an index",
        ),
        (
            CLASS,
            ("spec", "blockDeviceMappings"),
            [{"ebs": {"volumeInitializationRate": 100, "volumeSize": "1Gi"}}],
            "needs snapshotID",
        ),
        (f"{BALANCERS} ListenerRuleConfiguration", ("spec", "actions"), [], "actions can't be empty"),
        (
            f"{BALANCERS} ListenerRuleConfiguration",
            ("spec", "actions", 0, "type"),
            "forward",
            "fixedResponseConfig is for type fixed-response",
        ),
        (
            f"{BALANCERS} ListenerRuleConfiguration",
            ("spec", "actions", 0, "fixedResponseConfig", "statusCode"),
            302,
            "2xx, 4xx or 5xx",
        ),
        (
            f"{BALANCERS} LoadBalancerConfiguration",
            (*LISTENER, "mutualAuthentication"),
            {"mode": "off", "trustStore": "x"},
            "trustStore is for mode verify",
        ),
        (
            f"{BALANCERS} LoadBalancerConfiguration",
            (*LISTENER, "mutualAuthentication"),
            {"mode": "verify"},
            "needs trustStore",
        ),
        (
            f"{BALANCERS} GlobalAccelerator",
            ("spec", "listeners", 0, "portRanges", 0, "toPort"),
            79,
            "must be <=",
        ),
        ("kindnet BaselineAdminNetworkPolicy", ("metadata", "name"), "other", "named default"),
        (
            "kindnet BaselineAdminNetworkPolicy",
            ("spec", "egress", 0, "to", 0, "networks", 0),
            "10.0.0.0/33",
            "CIDR",
        ),
        (
            "network_policies BaselineAdminNetworkPolicy",
            ("spec", "egress", 0, "to", 0, "networks", 0),
            "::ffff:10.0.0.0/104",
            "one address family",
        ),
        (
            "kindnet BaselineAdminNetworkPolicy",
            ("spec", "egress", 0, "ports", 0),
            {"namedPort": "dns"},
            "no named ports",
        ),
    ],
)
def test_what_the_api_server_refuses(name: str, path: tuple[Part, ...], value: Value, reason: str) -> None:
    good = OBJECTS[name]
    bad = unset_at(good, path) if value is LEAVE_OUT else set_at(good, path, value)
    assert any(reason in each for each in errors(bad, schema_of(definitions()[name]))), reason


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        ((*TEMPLATE, "nodeClassRef", "kind"), "Other", "kind can't be changed"),
        ((*TEMPLATE, "nodeClassRef", "group"), "other", "group can't be changed"),
        (("spec", "replicas"), 3, "replicas can't be added"),
    ],
)
def test_what_can_t_be_changed_later(path: tuple[Part, ...], value: Value, reason: str) -> None:
    schema = schema_of(definitions()[POOL])
    assert errors(NODE_POOL, schema, NODE_POOL) == []
    found = errors(set_at(NODE_POOL, path, value), schema, NODE_POOL)
    assert any(reason in each for each in found), found


def test_a_node_pool_gets_its_defaults() -> None:
    spec: Tree = {"template": {"spec": {}}}
    found = defaulted({"spec": spec}, schema_of(definitions()[POOL]))
    assert found == {
        "spec": {
            "disruption": {
                "budgets": [{"nodes": "10%"}],
                "consolidateAfter": "0s",
                "consolidationPolicy": "WhenEmptyOrUnderutilized",
            },
            "template": {"spec": {"expireAfter": "720h"}},
        }
    }


def test_kindnet_serves_a_newer_release_of_the_policies_than_calico() -> None:
    """kOps gives each the definitions of its own release; kindnet's know names of domains."""
    spec: Tree = {
        "priority": 1,
        "subject": {"namespaces": {}},
        "egress": [{"action": "Allow", "to": [{"domainNames": ["*.example.com"]}]}],
    }
    policy: Tree = {"metadata": {"name": "x"}, "spec": spec}
    assert errors(policy, schema_of(definitions()["kindnet AdminNetworkPolicy"])) == []
    older = errors(policy, schema_of(definitions()["network_policies AdminNetworkPolicy"]))
    assert older == [".spec.egress[0].to[0].domainNames: unknown field"]


def test_a_deprecated_version_is_still_served_with_a_warning() -> None:
    for kind in read_table("snapshot_controller").kinds:
        spec = definitions()[f"snapshot_controller {kind}"]["spec"]
        assert isinstance(spec, dict)
        versions = spec["versions"]
        assert isinstance(versions, list)
        new, old = versions
        assert isinstance(new, dict)
        assert isinstance(old, dict)
        assert (new["name"], new["served"], new["storage"]) == ("v1", True, True)
        assert (old["name"], old["served"], old["storage"]) == ("v1beta1", True, False)
        assert old["deprecated"] is True
        assert old["deprecationWarning"]


@pytest.mark.parametrize("name", definitions())
def test_definitions_fit_where_they_are_kept(name: str) -> None:
    size = len(json.dumps(definitions()[name]))
    assert size < LAST_APPLIED < REQUEST


@pytest.mark.parametrize("name", definitions())
def test_schemas_are_structural(name: str) -> None:
    """Otherwise the API server refuses the definition."""
    spec = definitions()[name]["spec"]
    assert isinstance(spec, dict)
    versions = spec["versions"]
    assert isinstance(versions, list)
    assert [each["storage"] for each in versions if isinstance(each, dict)].count(True) == 1
    for each in versions:
        assert isinstance(each, dict)
        root = schema_of(definitions()[name], str(each["name"]))
        assert root["type"] == "object"
        for at, schema in _schemas(root, ""):
            _assert_structural(schema, at)


def _schemas(schema: Value, at: str) -> Iterator[tuple[str, Tree]]:
    assert isinstance(schema, dict), at
    yield at, schema
    properties = schema.get("properties")
    for name, item in properties.items() if isinstance(properties, dict) else ():
        yield from _schemas(item, f"{at}.{name}")
    for inner in ("items", "additionalProperties"):
        if inner in schema:
            yield from _schemas(schema[inner], f"{at}[]")


def _assert_structural(schema: Tree, at: str) -> None:
    untyped = ("x-kubernetes-int-or-string", "x-kubernetes-preserve-unknown-fields")
    assert "type" in schema or any(schema.get(word) is True for word in untyped), at
    assert not ("properties" in schema and "additionalProperties" in schema), at
    assert ("items" in schema) == (schema.get("type") == "array"), at
    if "pattern" in schema:
        compiled(str(schema["pattern"]))
    if "default" in schema:
        assert errors(defaulted(schema["default"], schema), schema) == [], at
    required, properties = schema.get("required", []), schema.get("properties", {})
    assert isinstance(required, list)
    assert isinstance(properties, dict)
    assert set(map(str, required)) <= set(properties), at
    if "x-kubernetes-list-map-keys" in schema:
        keys, item = schema["x-kubernetes-list-map-keys"], schema["items"]
        assert schema["x-kubernetes-list-type"] == "map", at
        assert isinstance(keys, list)
        assert isinstance(item, dict)
        needed, fields = item.get("required", []), item["properties"]
        assert isinstance(fields, dict)
        assert isinstance(needed, list)
        for key in keys:
            field = fields[str(key)]
            assert isinstance(field, dict)
            assert key in needed or "default" in field, at


def test_rules_that_stand_in_for_kops_own_are_those_that_were_compared() -> None:
    """A change of one is to be seen in the plan until somebody has compared it with kOps' again."""
    digests = {name: rules_digest(each) for name, each in definitions().items()}
    none = rules_digest({})
    compared = {name for name, digest in digests.items() if digest in KOPS_RULES.values()}
    assert set(KOPS_RULES.values()) == {digests[name] for name in compared}
    with_rules = {name for name, digest in digests.items() if digest != none}
    assert with_rules - compared == {f"{BALANCERS} IngressClassParams"}, "its one rule is as kOps has it"


def _unused(shapes: Shapes) -> set[str]:
    """Shapes that nothing has asked for so far."""
    return shapes._lines.keys() - shapes._made.keys()


def test_every_shape_of_an_add_on_is_used() -> None:
    assert ("karpenter/karpenter", "kops_core.cloud.aws.addons") in TABLES
    for name, package in TABLES:
        if name != "crd/kubernetes":
            table = read_table(name, package)
            table.definitions()
            shared = _unused(read_table("crd/kubernetes").shapes)
            assert _unused(table.shapes) - shared == set(), name
