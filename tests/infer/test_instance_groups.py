"""Completed instance groups: kubelets against the corpus' node configurations, and the other fields."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from kops_core.api.values import Tree
from kops_core.errors import InvalidSpec
from kops_core.infer.complete import infer, prepare
from tests.conformance.suite import first_difference
from tests.infer.corpus_cases import SUITES, channel, completed_cases, facts, inputs

_PREFIX, _SUFFIX = "aws_s3_object_nodeupconfig-", "_content"


@cache
def kubelets(case: Path) -> dict[str, Tree]:
    """The kubelet's settings in each node configuration that kOps wrote, by instance group."""
    yaml = YAML(typ="safe")
    files = (case / "terraform" / "data").glob(f"{_PREFIX}*{_SUFFIX}")
    return {
        file.name.removeprefix(_PREFIX).removesuffix(_SUFFIX): yaml.load(file).get("KubeletConfig", {})
        for file in files
    }


@pytest.mark.parametrize("suite", SUITES)
def test_the_kubelet_of_every_instance_group_is_what_kops_gives_its_nodes(suite: str) -> None:
    failures: dict[str, str] = {}
    compared = 0
    for case in completed_cases(suite):
        groups = infer(inputs(case, suite)).instance_groups
        for name, theirs in kubelets(case).items():
            spec = groups[name]["spec"]
            assert isinstance(spec, dict)
            compared += 1
            if text := first_difference(theirs, spec.get("kubelet", {})):
                failures[f"{case.name} {name}"] = text
    assert not failures
    assert compared > 100


def completed(spec: Tree, group: Tree, suite: str = "generated", name: str = "g.a") -> Tree:
    """The completed spec of one instance group in a small cluster."""
    whole: Tree = {
        "kubernetesVersion": "1.36.0",
        "nonMasqueradeCIDR": "100.64.0.0/10",
        "subnets": [
            {"name": "a", "type": "Private", "zone": "us-east-1a"},
            {"name": "utility-a", "type": "Utility", "zone": "us-east-1a"},
        ],
        **spec,
    }
    done = infer(
        prepare(
            [
                {"kind": "Cluster", "metadata": {"name": "c.example.com"}, "spec": whole},
                {"kind": "InstanceGroup", "metadata": {"name": name}, "spec": group},
            ],
            facts=facts(suite),
            channel=channel(),
            settings={"kopsVersion": "1.37.0"},
        )
    )
    found = done.instance_groups[name]["spec"]
    assert isinstance(found, dict)
    return found


def test_a_group_of_nodes_gets_machines_image_sizes_and_every_inner_subnet() -> None:
    done = completed({}, {"role": "Node"})
    assert (done["machineType"], done["minSize"], done["maxSize"]) == ("t3.medium", 2, 2)
    assert (done["subnets"], done["rootVolumeSize"], done["manager"]) == (["a"], 128, "CloudGroup")
    assert "ubuntu-noble-24.04-amd64" in str(done["image"])


def test_the_image_has_the_architecture_of_the_machine_and_the_age_of_the_cluster() -> None:
    assert "arm64" in str(completed({}, {"role": "Node", "machineType": "m6g.large"})["image"])


def test_the_accounts_own_default_machine_types_come_first() -> None:
    assert completed({}, {"role": "Master"}, "upstream/update")["machineType"] == "m3.medium"
    assert completed({}, {"role": "Bastion"}, "upstream/update")["machineType"] == "t2.micro"


def test_a_groups_kubelet_loses_what_kops_does_not_keep() -> None:
    done = completed({}, {"role": "Node", "kubelet": {"dockerDisableSharedPID": True, "maxPods": 20}})
    assert isinstance(done["kubelet"], dict)
    assert "dockerDisableSharedPID" not in done["kubelet"]
    assert done["kubelet"]["maxPods"] == 20


def test_a_bastion_is_one_small_machine() -> None:
    done = completed({}, {"role": "Bastion"})
    assert (done["machineType"], done["minSize"], done["rootVolumeSize"]) == ("t3.micro", 1, 32)


def test_karpenter_chooses_machines_and_numbers_itself() -> None:
    done = completed({}, {"role": "Node", "manager": "Karpenter"})
    assert not {"machineType", "minSize", "maxSize"} & done.keys()
    assert done["kubelet"]["taints"] == ["karpenter.sh/unregistered=:NoExecute"]  # type: ignore[index,call-overload]


def test_machines_with_gpus_are_labelled_and_tainted_where_their_runtime_is_on() -> None:
    group: Tree = {"role": "Node", "machineType": "g4dn.xlarge", "taints": ["a=b:NoSchedule"]}
    done = completed({"containerd": {"nvidiaGPU": {"enabled": True}}}, group, "upstream/update")
    assert done["nodeLabels"] == {"kops.k8s.io/gpu": "1"}
    assert done["taints"] == ["a=b:NoSchedule", "nvidia.com/gpu:NoSchedule"]
    assert "nodeLabels" not in completed({}, group, "upstream/update")


def test_gpus_are_not_guessed_where_karpenter_chooses_the_machine() -> None:
    with pytest.raises(InvalidSpec, match=r"spec\.machineType: Required value"):
        completed({"containerd": {"nvidiaGPU": {"enabled": True}}}, {"role": "Node", "manager": "Karpenter"})


@pytest.mark.parametrize(
    ("nodes", "control_plane", "group", "expected"),
    [
        (True, None, None, False),
        (None, True, True, False),
        (False, True, True, True),
        (False, True, None, False),
    ],
)
def test_who_decides_on_anonymous_requests_to_a_control_plane_kubelet(
    nodes: bool | None, control_plane: bool | None, group: bool | None, expected: bool
) -> None:
    def written(flag: bool | None) -> Tree:
        return {} if flag is None else {"anonymousAuth": flag}

    spec: Tree = {"kubelet": written(nodes), "masterKubelet": written(control_plane)}
    done = completed(spec, {"role": "Master", "subnets": ["a"], "kubelet": written(group)})
    assert isinstance(done["kubelet"], dict)
    assert done["kubelet"]["anonymousAuth"] is expected


def test_a_key_without_encryption_written_beside_it_is_not_taken_for_encryption() -> None:
    assert completed({}, {"role": "Node"})["rootVolumeEncryption"] is True
    assert "rootVolumeEncryption" not in completed({}, {"role": "Node", "rootVolumeEncryptionKey": "k"})


def test_the_groups_kubelet_lies_over_that_of_its_role() -> None:
    spec: Tree = {"kubelet": {"maxPods": 30, "featureGates": {"A": "true"}, "taints": ["x=:NoSchedule"]}}
    done = completed(spec, {"role": "Node", "kubelet": {"maxPods": 50, "featureGates": {"B": "true"}}})
    kubelet = done["kubelet"]
    assert isinstance(kubelet, dict)
    assert kubelet["maxPods"] == 50
    assert kubelet["featureGates"] == {"A": "true", "B": "true"}
    assert kubelet["taints"] == ["x=:NoSchedule"]
    assert kubelet["nodeLabels"] == {"node-role.kubernetes.io/node": ""}
