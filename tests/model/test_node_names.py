"""Names of settings in node configurations: kOps' internal ones, which nodeup reads."""

from __future__ import annotations

import pytest

from kops_core.api.values import Value
from kops_core.infer.complete import infer
from kops_core.model.build import desired_resources
from kops_core.model.resolve import resolve
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key
from tests.addons.objects_of import case_inputs, changed
from tests.conformance.resources import settings
from tests.corpus import corpus_dir

SUITE, CASE = "upstream/update", "minimal-aws"


@pytest.mark.parametrize(
    ("section", "field", "value", "line"),
    [
        ("kubeControllerManager", "concurrentRcSyncs", 7, "concurrentRCSyncs: 7"),
        ("kubelet", "clientCaFile", "/ca.crt", "clientCAFile: /ca.crt"),
        ("kubeAPIServer", "etcdCaFile", "/etcd.crt", "etcdCAFile: /etcd.crt"),
        ("kubeProxy", "ipvsExcludeCidrs", ["10.0.0.0/8"], "ipvsExcludeCIDRs:"),
    ],
)
def test_a_setting_has_the_name_that_nodeup_reads(section: str, field: str, value: Value, line: str) -> None:
    spec: dict[str, Value] = {section: {field: value}}
    made = desired_resources(
        infer(changed(case_inputs(CASE), **spec)), settings(corpus_dir() / SUITE / CASE, SUITE)
    ).by_key()
    file = resolve(made[Key("ManagedFile", "nodeupconfig-master-us-test-1a")], lambda ref: f"<{ref.key}>")
    assert isinstance(file, ManagedFile)
    assert line in str(file.contents)
    assert field not in str(file.contents)
