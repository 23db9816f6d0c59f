"""Every manifest against the API's own schemas, strictly: no field is misspelt or of another type."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from kubernetes_validate import SchemaNotFoundError, ValidationError, validate

from kops_core.api import yaml_reader
from kops_core.api.values import Tree, Value
from kops_core.model.store_resources import AddonManifest, ManagedFile
from kops_core.model.template import Template
from tests.conformance.resources import desired

pytestmark = pytest.mark.full

VERSION = "1.36"
CASES = (
    ("generated", "case028"),
    ("generated", "case054"),
    ("generated", "case086"),
    ("upstream/update", "aws-lb-controller"),
    ("upstream/update", "external_dns"),
    ("upstream/update", "irsa"),
    ("upstream/update", "karpenter"),
    ("upstream/update", "many-addons"),
    ("upstream/update", "minimal-ipv6-calico"),
    ("upstream/update", "minimal-ipv6-kindnet"),
    ("upstream/update", "nvidia"),
    ("upstream/update", "privateciliumadvanced"),
    ("upstream/update", "privatekopeio"),
)
"""Together they have every add-on and static manifest that the corpus has."""
OWN = ("cert-manager.io", "elbv2.k8s.aws", "iamauthenticator.k8s.aws", "karpenter.k8s.aws", "karpenter.sh")
"""API groups that add-ons bring themselves."""


def _objects() -> Iterator[tuple[str, Tree]]:
    """One object of each shape, with where it is from: fields decide, not the texts in them."""
    seen: set[str] = set()
    for suite, case in CASES:
        for resource in desired(suite, case).resources:
            if not isinstance(resource, AddonManifest) and not resource.name.startswith("manifests-"):
                continue
            assert isinstance(resource, ManagedFile)
            text = resource.contents
            known = text.resolve(lambda ref: "TUlJQg==") if isinstance(text, Template) else text
            for document in yaml_reader.read(known or ""):
                found = json.dumps(_shape(document.value))
                if found not in seen and isinstance(document.value, dict):
                    seen.add(found)
                    yield f"{case} {resource.name}", document.value


def _shape(value: Value, field: str = "") -> Value:
    if field in ("data", "labels", "annotations", "matchLabels", "limits", "requests"):
        return (
            [*sorted({type(item).__name__ for item in value.values()})] if isinstance(value, dict) else None
        )
    if isinstance(value, dict):
        return {name: _shape(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [json.loads(each) for each in sorted({json.dumps(_shape(item)) for item in value})]
    return str(value) if field in ("kind", "apiVersion") else type(value).__name__


def test_every_object_is_as_the_api_takes_it() -> None:
    kinds: set[str] = set()
    wrong: list[str] = []
    for origin, tree in _objects():
        kinds.add(str(tree["kind"]))
        try:
            validate(tree, VERSION, strict=True)
        except ValidationError as error:
            wrong.append(f"{origin}: {tree['kind']} {list(error.path)}: {error.message}")
        except SchemaNotFoundError:
            if str(tree["apiVersion"]).partition("/")[0] not in OWN:
                wrong.append(f"{origin}: there is no {tree['kind']} in {tree['apiVersion']}")
    assert wrong == []
    assert {"Pod", "DaemonSet", "CustomResourceDefinition", "MutatingWebhookConfiguration"} <= kinds


@pytest.mark.parametrize("field", ["tolerationz", "hostNetwork"])
def test_a_wrong_field_would_be_seen(field: str) -> None:
    pod: Tree = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "x"},
        "spec": {"containers": [{"name": "x", "image": "x"}], field: "yes"},
    }
    with pytest.raises(ValidationError):
        validate(pod, VERSION, strict=True)
