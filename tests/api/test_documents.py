"""All errors of a file are reported at once, with line and path; valid parts are kept."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kops_core.api.canonical import emit, to_yaml
from kops_core.api.documents import read_documents
from kops_core.api.values import Value
from kops_core.api.yaml_reader import LARGEST_FILE, read, resolve
from kops_core.errors import FieldError, InvalidSpec

HEAD = "apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\nmetadata:\n  name: a.example.com\nspec:\n"


def errors(text: str | bytes) -> list[FieldError]:
    with pytest.raises(InvalidSpec) as caught:
        read_documents(text, "c.yaml")
    return list(caught.value.errors)


def test_all_errors_at_once_in_order() -> None:
    found = errors(
        HEAD
        + """\
  kubernetesVersion: 1.30
  kubeletx: {}
  kubelet:
    maxPods: many
    podPidsLimit: 12
    nodeStatusUpdateFrequency: 10
  etcdClusters:
  - name: main
    cpuRequest: lots
    etcdMembers: {}
  - nam: events
  sshAccess:
  -
"""
    )
    assert [(error.line, error.path, error.kind, error.suggestion) for error in found] == [
        (6, "spec.kubernetesVersion", "Invalid value", ""),
        (7, "spec.kubeletx", "Unknown field", "kubelet"),
        (9, "spec.kubelet.maxPods", "Invalid value", ""),
        (11, "spec.kubelet.nodeStatusUpdateFrequency", "Invalid value", ""),
        (14, "spec.etcdClusters[0].cpuRequest", "Invalid value", ""),
        (15, "spec.etcdClusters[0].etcdMembers", "Invalid value", ""),
        (16, "spec.etcdClusters[1].nam", "Unknown field", "name"),
        (18, "spec.sshAccess[0]", "Invalid value", ""),
    ]
    assert {error.source for error in found} == {"c.yaml"}


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [
        ("  controlPlaneKubelet: {maxPods: 5}\n", "spec.masterKubelet"),
        ("  networking: {networkCIDR: 10.0.0.0/16}\n", "spec.networkCIDR"),
        ("  networking: {kubeRouter: {}}\n", "spec.networking.kuberouter"),
    ],
)
def test_names_of_other_versions_are_told_apart(line: str, suggestion: str) -> None:
    assert [error.suggestion for error in errors(HEAD + line)] == [suggestion]


def test_many_documents_take_no_time_to_tell_apart() -> None:
    text = "".join(f"---\n{HEAD.replace('name: a', f'name: a{n}')}" for n in range(3000))
    start = time.process_time()
    assert len(read_documents(text)) == 3000
    assert time.process_time() - start < 5


def test_unknown_fields_can_be_kept_but_are_told() -> None:
    document = read_documents(HEAD + "  kubeletx: {a: 1}\n", keep_unknown=True)[0]
    assert document.tree["spec"] == {"kubeletx": {"a": 1}}
    assert [(error.path, error.line) for error in document.unknown] == [("spec.kubeletx", 6)]
    with pytest.raises(InvalidSpec):
        read_documents(HEAD + "  kubeletx: {a: 1}\n  channel: 5\n", keep_unknown=True)


@pytest.mark.parametrize("name", ["agentLabels", "containerRuntime", "debugVerbose", "labels", "logDriver"])
def test_a_list_that_is_read_and_forgotten_leaves_nothing(name: str) -> None:
    text = HEAD + f"  networking:\n    cilium:\n      {name}: [a, b]\n      fieldOfTomorrow: 1\n"
    (document,) = read_documents(text, keep_unknown=True)
    written = to_yaml(document.tree, keep_unknown=True)
    (again,) = read_documents(written, keep_unknown=True)
    assert again.tree["spec"] == {"networking": {"cilium": {"fieldOfTomorrow": 1}}}


def test_v1alpha3_is_checked_by_its_own_names_and_read_as_v1alpha2() -> None:
    head = HEAD.replace("v1alpha2", "v1alpha3")
    (error,) = errors(head + "  networking:\n    networkCIDRs: 10.0.0.0/16\n")
    assert (error.line, error.path, error.suggestion) == (7, "spec.networking.networkCIDRs", "networkCIDR")
    (error,) = errors(head + "  masterPublicName: a\n")
    assert error.kind == "Unknown field"
    document = read_documents(head + "  networking: {networkCIDR: 10.0.0.0/16, x: 1}\n", keep_unknown=True)[0]
    assert document.tree["spec"] == {"networkCIDR": "10.0.0.0/16", "networking": {"x": 1}}
    assert document.apiVersion == "kops.k8s.io/v1alpha3"
    assert [error.path for error in document.unknown] == ["spec.networking.x"]


@pytest.mark.parametrize(
    ("kind", "spec", "path"),
    [
        ("Cluster", "cloudProvider: {aws: {x: 1}}", "spec.cloudProvider.aws.x"),
        ("Cluster", "configStore: {x: 1}", "spec.configStore.x"),
        ("Cluster", "authentication: {oidc: {x: 1}}", "spec.authentication.oidc.x"),
        ("InstanceGroup", "rootVolume: {x: 1}", "spec.rootVolume.x"),
    ],
)
def test_an_unknown_field_of_v1alpha3_without_a_place_in_v1alpha2_is_refused(
    kind: str, spec: str, path: str
) -> None:
    """It can't be kept, and is not lost in silence."""
    head = HEAD.replace("v1alpha2", "v1alpha3").replace("Cluster", kind)
    with pytest.raises(InvalidSpec) as caught:
        read_documents(f"{head}  {spec}\n", keep_unknown=True)
    (error,) = caught.value.errors
    assert (error.kind, error.path, error.line) == ("Forbidden", path, 6)


def test_unknown_fields_in_what_moves_to_v1alpha2_are_kept() -> None:
    head = HEAD.replace("v1alpha2", "v1alpha3")
    text = head + "  cloudProvider: {aws: {nodeTerminationHandler: {x: 1}}}\n"
    (document,) = read_documents(text, keep_unknown=True)
    assert document.tree["spec"] == {"cloudProvider": "aws", "nodeTerminationHandler": {"x": 1}}


def test_two_documents_of_one_kind_and_name() -> None:
    (error,) = errors(HEAD + "  channel: a\n---\n" + HEAD + "  channel: b\n")
    assert (error.kind, error.line, error.path) == ("Duplicate value", 11, "metadata.name")
    assert "line 1" in error.message


def test_groups_of_two_clusters_may_have_one_name() -> None:
    group = HEAD.replace("Cluster", "InstanceGroup").replace(
        "  name", "  labels: {kops.k8s.io/cluster: %s}\n  name"
    )
    assert len(read_documents("---\n".join([group % "a.example.com", group % "b.example.com"]))) == 2
    assert (
        errors("---\n".join([group % "a.example.com", group % "a.example.com"]))[0].kind == "Duplicate value"
    )


def test_other_objects_are_kept_as_they_are() -> None:
    other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\ndata: {a: 'yes', when: 2020-01-01}\n"
    first, second, third = read_documents(HEAD + "---\n# nothing\n---\n" + other + "---\n" + other)
    assert first.is_ours
    assert not second.is_ours
    assert second.tree == third.tree
    assert second.tree["data"] == {"a": "yes", "when": "2020-01-01"}
    assert (second.name, second.first_line) == ("x", 9)


@pytest.mark.parametrize(
    ("text", "kind", "line", "word"),
    [
        ("kind: Cluster\n", "Required value", 1, "apiVersion"),
        ("apiVersion: kops.k8s.io/v1\nkind: Cluster\n", "Unsupported value", 1, "v1alpha2"),
        ("apiVersion: kops.k8s.io/v1alpha2\nkind: Klaster\n", "Unsupported value", 2, "Klaster"),
        ("apiVersion: kops.k8s.io/v1alpha2\nkind: Cluster\n", "Required value", 1, "name"),
        ("- a\n", "Invalid value", 1, "mapping"),
        ("a: 1\nb: 2\na: 3\n", "Duplicate value", 3, "twice"),
        ("a:\n\tb: 1\n", "Invalid value", 2, "tab"),
        ("a: [1\nb: 2\n", "Invalid value", 2, "YAML"),
        ("yes: 1\n", "Invalid value", 1, "quotes"),
        ("1.5: 1\n", "Invalid value", 1, "quotes"),
        ("? [a]\n: 1\n", "Invalid value", 1, "quotes"),
        ("a: !shell rm\n", "Invalid value", 1, "tag"),
        ("a: *b\n", "Invalid value", 1, "anchor"),
        ("a: &a [*a]\n", "Invalid value", 1, "anchor"),
        ("<<: 5\n", "Invalid value", 1, "<<"),
        ("a: \x01\n", "Invalid value", 0, "YAML"),
        ("[" * 200, "Too long", 1, "nesting"),
    ],
)
def test_what_can_not_be_read_is_said(text: str, kind: str, line: int, word: str) -> None:
    error = errors(text)[0]
    assert (error.kind, error.line or line) == (kind, line)
    assert word in error.message


def test_bytes_that_are_not_utf_8() -> None:
    (error,) = errors(HEAD.encode() + b"  channel: \xff\n")
    assert (error.line, "UTF-8" in error.message) == (6, True)
    assert read_documents(b"\xef\xbb\xbf" + HEAD.encode())[0].name == "a.example.com"


def test_a_large_file_is_refused_before_it_is_parsed() -> None:
    data = b"a: [" * (LARGEST_FILE // 4 + 1)
    start = time.perf_counter()
    (error,) = errors(data)
    assert error.kind == "Too long"
    assert time.perf_counter() - start < 0.1


def test_an_anchor_bomb_is_refused_fast() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30)]
    start = time.perf_counter()
    (error,) = errors("\n".join(lines))
    assert (error.kind, error.line) == ("Too long", 7)
    assert time.perf_counter() - start < 1


def test_aliases_and_merges_are_read() -> None:
    text = "a: &a {x: 1, w: 2}\nb: {<<: *a, w: 3}\nc: *a\nd:\n  <<: [*a, {x: 5, z: 6}]\n"
    assert read(text)[0].value == {
        "a": {"x": 1, "w": 2},
        "b": {"w": 3, "x": 1},
        "c": {"x": 1, "w": 2},
        "d": {"x": 1, "w": 2, "z": 6},
    }
    assert read('"<<": []')[0].value == {"<<": []}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("On", True),
        ("n", False),
        ("off", False),
        ("true", True),
        ("TRUE", True),
        ("tRue", "tRue"),
        ("~", None),
        ("null", None),
        ("", None),
        ("017", 15),
        ("0o17", 15),
        ("0x1F", 31),
        ("0b11", 3),
        ("-0b11", -3),
        ("1_000", 1000),
        ("08", 8.0),
        ("+5", 5),
        ("1.30", 1.3),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".", "."),
        ("1.2.3", "1.2.3"),
        ("2020-01-01", "2020-01-01"),
        ("12:30", "12:30"),
        ("1Gi", "1Gi"),
        ("10.0.0.0/8", "10.0.0.0/8"),
        ("v1", "v1"),
        ("=", "="),
    ],
)
def test_plain_scalars_mean_what_kops_reads(text: str, value: Value) -> None:
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("yes", '"yes"'),
        ("1.30", '"1.30"'),
        ("1:30", '"1:30"'),
        ("2020-99-99", "2020-99-99"),
        ("2020-1-2T3:4:5Z", '"2020-1-2T3:4:5Z"'),
        ("2020-1-2 3:4:5", '"2020-1-2 3:4:5"'),
        ("2020-1-2T3:4:5", "2020-1-2T3:4:5"),
        ("9" * 70, f'"{"9" * 70}"'),
        (".inf", '".inf"'),
        ("<<", '"<<"'),
        ("a\n...\n", "|\n  a\n  ..."),
        ("2020-01-01", '"2020-01-01"'),
        ("", '""'),
        ("null", '"null"'),
        ("a: b", "'a: b'"),
        ("# c", "'# c'"),
        ("*x", "'*x'"),
        ("two\nlines\n", "|\n  two\n  lines"),
        ("a\nb", "|-\n  a\n  b"),
        ("tab\there", '"tab\\there"'),
        ("é", "é"),
        (True, "true"),
        (10**18, "1000000000000000000"),
        (0.5, "0.5"),
        (3.0, "3"),
        (None, "null"),
        ([], "[]"),
        ({}, "{}"),
    ],
)
def test_values_are_written_as_kubernetes_does(value: Value, text: str) -> None:
    assert emit({"k": value}) == f"k: {text}\n"


def test_keys_are_in_kubernetes_order() -> None:
    keys = ["b", "B", "a10", "a9", "a", "_x", "1", "10", "2", "a-b", "a.b", "ab"]
    written = read(emit(dict.fromkeys(keys, 1)))[0].value
    assert isinstance(written, dict)
    assert list(written) == [
        "_x", "1", "2", "10", "B", "a", "a-b", "a.b", "a9", "a10", "ab", "b",
    ]  # fmt: skip


TREES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=12)
    | st.sampled_from(["yes", "1.5", "a: b", "- x", "2020-01-01", " x ", "x\n", "\n", "'", '"', "é☃"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@given(st.dictionaries(st.text(min_size=1, max_size=8), TREES, min_size=1, max_size=4))
@settings(deadline=None, max_examples=100)
def test_what_is_written_is_read_again(tree: dict[str, Value]) -> None:
    assert read(emit(tree))[0].value == tree


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(deadline=None, max_examples=200)
def test_any_text_is_read_or_refused(data: str | bytes) -> None:
    try:
        read_documents(data)
    except InvalidSpec as error:
        assert error.errors
