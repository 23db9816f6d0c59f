"""The pydantic models, the schema compiled from them, and the checker agree."""

from __future__ import annotations

import json
import random
import subprocess
import sys

import pytest
from pydantic import ValidationError

from kops_core.api import schema as schemas
from kops_core.api.check import check
from kops_core.api.path import ANY, FieldPath, get, leaves, parse, render, set_at
from kops_core.api.schema import describe, nearest, patterns
from kops_core.api.v1alpha2 import compile as compiling
from kops_core.api.v1alpha2.compile import KINDS
from kops_core.api.v1alpha2.types import Model
from kops_core.api.values import Tree, Value
from kops_core.api.yaml_reader import read
from kops_core.errors import UsageError
from tests.api.test_corpus import BY_HAND, GENERATED, WRITTEN_BY_KOPS, documents, files
from tests.corpus import corpus_dir

MODELS: dict[str, type[Model]] = {model.__name__: model for model in KINDS}


def test_the_compiled_schema_is_the_models() -> None:
    assert compiling.TARGET.read_text() == compiling.compiled(), (
        "run python -m kops_core.api.v1alpha2.compile"
    )


def test_every_field_of_the_crds_is_known_with_its_type() -> None:
    found = 0
    for path in (corpus_dir() / "crds").glob("*.yaml"):
        crd = read(path.read_bytes())[0].value
        kind = str(get(crd, parse("spec.names.kind")))
        openapi = get(crd, parse("spec.versions[0].schema.openAPIV3Schema.properties.spec"))
        for at, kinds in _crd_fields(openapi, ("spec",)):
            assert str(schemas.schema().field(kind, at).type.scalar or "struct") in kinds, render(at)
            found += 1
    assert found > 1500


def _crd_fields(node: object, at: FieldPath) -> list[tuple[FieldPath, tuple[str, ...]]]:  # noqa: PLR0911 - one a form
    assert isinstance(node, dict)
    match node:
        case {"properties": dict(properties)}:
            below = [found for key, item in properties.items() for found in _crd_fields(item, (*at, key))]
            return [(at, ("struct",)), *below]
        case {"type": "array"}:
            return _crd_fields(node["items"], (*at, ANY))
        case {"additionalProperties": dict(inner)}:
            return _crd_fields(inner, (*at, "*"))
        case {"x-kubernetes-int-or-string": True}:
            return [(at, ("quantity", "intOrString"))]
        case {"type": "integer"}:
            return [(at, ("int16", "int32", "int64", "uint8", "uint32"))]
        case {"type": "object"}:
            return [(at, ("struct", "any"))]
        case {"type": "boolean"}:
            return [(at, ("boolean",))]
        case _:
            return [(at, ("string", "duration", "timestamp", "bytes"))]


@pytest.mark.full
def test_documents_read_and_written_by_the_models_are_equal() -> None:
    paths = files(*BY_HAND, *WRITTEN_BY_KOPS, *GENERATED)
    assert len(paths) > 800
    for path in paths:
        for document in documents(path):
            if document.is_ours and not document.unknown:
                model = MODELS[document.kind].model_validate(document.tree)
                assert model.model_dump(exclude_unset=True, by_alias=True) == document.tree, path


JUNK: list[Value] = [
    "text",
    "",
    "10",
    "1Gi",
    "5m",
    True,
    False,
    0,
    -1,
    7,
    3.0,
    1.5,
    2**40,
    2**70,
    None,
    [],
    {},
    ["a"],
    {"a": "b"},
]


@pytest.mark.parametrize("seed", range(4))
def test_models_and_checker_agree_on_any_value_anywhere(seed: int) -> None:
    rng = random.Random(seed)
    paths = files("upstream/update/*/completed.yaml")
    refused = accepted = 0
    for path in rng.sample(paths, 8):
        document = documents(path)[0]
        for at, _ in rng.sample(leaves(document.tree), 25):
            if at[0] in ("apiVersion", "kind"):
                continue
            target = at[: rng.randrange(2, len(at) + 1)] if len(at) > 2 else at
            broken = set_at(document.tree, target, rng.choice(JUNK))
            ours = {error.path for _, error in check(broken, document.kind)}
            theirs = _pydantic_errors(MODELS[document.kind], broken)
            assert bool(ours) == bool(theirs), (render(target), get(broken, target), ours, theirs)
            refused, accepted = refused + bool(ours), accepted + (not ours)
    assert refused > 20
    assert accepted > 20


def _pydantic_errors(model: type[Model], tree: Tree) -> list[object]:
    try:
        model.model_validate(tree)
    except ValidationError as error:
        return list(error.errors())
    return []


@pytest.mark.parametrize(
    ("path", "type_text"),
    [
        ("spec.etcdClusters[*].cpuRequest", "quantity"),
        ("spec.etcdClusters[*].manager.backupInterval", "duration"),
        ("spec.kubelet.maxPods", "integer"),
        ("spec.cloudLabels", "map of string"),
        ("spec.cloudLabels.team", "string"),
        ("spec.subnets", "list of ClusterSubnetSpec"),
        ("spec.externalPolicies", "map of list of string"),
        ("spec.useHostCertificates", "boolean"),
        ("spec.iam.allowContainerRegistry", "boolean"),
        ("spec.rollingUpdate.maxSurge", "integer or string"),
    ],
)
def test_fields_are_described(path: str, type_text: str) -> None:
    field = describe("Cluster", parse(path))
    assert field.type_text == type_text
    assert field.about


def test_every_field_has_a_description() -> None:
    for kind in MODELS:
        for path, field in patterns(kind):
            assert field.about or path[-1] in ("apiVersion", "kind"), render(path)


def test_allowed_values_and_children_are_told() -> None:
    assert describe("InstanceGroup", parse("spec.role")).allowed[:2] == ("Master", "Node")
    assert "cilium" in describe("Cluster", parse("spec.networking")).children
    assert "name" in describe("Cluster", parse("spec.subnets")).children


@pytest.mark.parametrize(
    ("path", "hint"),
    [("spec.kubelet.maxPod", "maxPods"), ("spec.KUBELET", "kubelet"), ("spec.subnets[*].zones", "zone")],
)
def test_wrong_names_get_the_nearest(path: str, hint: str) -> None:
    with pytest.raises(UsageError, match=hint):
        describe("Cluster", parse(path))


def test_nothing_like_it_suggests_nothing() -> None:
    assert nearest("zzzzzz", ["kubelet", "subnets"]) == ""
    with pytest.raises(UsageError):
        describe("Cluster", parse("spec.kubelet.maxPods.more"))
    with pytest.raises(UsageError):
        describe("Klaster", ())


def test_reading_a_document_imports_neither_pydantic_nor_the_models() -> None:
    code = """
import json, sys
from kops_core.api.documents import read_documents
from kops_core.api.canonical import to_yaml
text = "apiVersion: kops.k8s.io/v1alpha2\\nkind: Cluster\\nmetadata: {name: a.b}\\nspec: {channel: stable}\\n"
to_yaml(read_documents(text)[0].tree)
print(json.dumps([name for name in sys.modules if name.startswith(("pydantic", "kops_core.api.v1alpha2."))]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == []
