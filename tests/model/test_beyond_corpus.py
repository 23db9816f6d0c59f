"""Facts of kOps' model beyond the corpus, from kOps' output for changed clusters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from kops_core.api.path import set_at
from kops_core.api.values import Tree, Value
from kops_core.infer.complete import infer
from kops_core.infer.inference import Inputs
from kops_core.model.build import desired_resources
from kops_core.model.resolve import resolve
from kops_core.model.resource import Resource
from kops_core.model.store_resources import ManagedFile
from kops_core.model.template import Key
from tests.addons.objects_of import case_inputs, changed
from tests.conformance.node_files import yaml
from tests.conformance.resources import settings
from tests.corpus import corpus_dir

SUITE = "upstream/update"
CONTROL_PLANE = "master-us-test-1a"


def resources(case: str, given: Inputs) -> Mapping[Key, Resource]:
    """What a changed case of the corpus asks for."""
    return desired_resources(infer(given), settings(corpus_dir() / SUITE / case, SUITE)).by_key()


def group_with(given: Inputs, name: str, **fields: Value) -> Inputs:
    """Inputs with other fields of an instance group's spec."""
    group = given.instance_groups[name]
    for field, value in fields.items():
        group = set_at(group, ("spec", field), value)
    return replace(given, instance_groups={**given.instance_groups, name: group})


def node_config(made: Mapping[Key, Resource], group: str) -> Tree:
    """What nodeup reads on the machines of a group."""
    file = resolve(made[Key("ManagedFile", f"nodeupconfig-{group}")], lambda ref: f"<{ref.key}>")
    assert isinstance(file, ManagedFile)
    document: Tree = yaml(str(file.contents))
    return document


@pytest.mark.parametrize(
    ("external", "account"),
    [
        ({"provider": "none"}, ""),
        ({"disable": True}, ""),
        ({"provider": "external-dns"}, "external-dns"),
        (None, "dns-controller"),
    ],
)
def test_only_a_controller_that_publishes_names_has_a_role(external: Tree | None, account: str) -> None:
    given = changed(case_inputs("external_dns_irsa"), externalDns=external)
    roles = {key.name for key in resources("external_dns_irsa", given) if key.kind == "IAMRole"}
    publishers = {name for name in roles if "dns" in name}
    assert publishers == ({f"{account}.kube-system.sa.minimal.example.com"} if account else set())


def test_etcd_for_cilium_is_walled_off_only_where_cilium_is_told_to_use_it() -> None:
    given = changed(case_inputs("privateciliumadvanced"), networking={"cilium": {}})
    rules = {key.name for key in resources("privateciliumadvanced", given) if key.kind == "SecurityGroupRule"}
    assert any("2382to4000" in name for name in rules)


def test_a_hook_of_a_group_is_handed_on_as_written_that_of_a_cluster_turned_round() -> None:
    hook: Tree = {"name": "h.service", "manifest": "Type=oneshot", "disabled": True}
    given = changed(case_inputs("minimal-1.35"), hooks=[{**hook, "roles": ["Master"]}])
    made = resources("minimal-1.35", group_with(given, CONTROL_PLANE, hooks=[hook]))
    plain: Tree = {"name": "h.service", "manifest": "Type=oneshot"}
    hooks = node_config(made, CONTROL_PLANE)["Hooks"]
    assert hooks == [[{**plain, "enabled": True}], [{**plain, "enabled": False}]]


def test_master_is_no_role_of_files() -> None:
    file: Tree = {"name": "f", "path": "/etc/f", "content": "x"}
    given = changed(
        case_inputs("minimal-1.35"),
        fileAssets=[{**file, "roles": ["Master"]}, {**file, "name": "g", "roles": ["ControlPlane"]}],
    )
    files = node_config(resources("minimal-1.35", given), CONTROL_PLANE)["FileAssets"]
    assert isinstance(files, list)
    assert [each.get("name") for each in files if isinstance(each, dict)] == ["g", None]


@pytest.mark.parametrize(("encrypts", "said"), [(False, {"wireguardEnabled": False}), (None, {})])
def test_nodes_are_told_that_calico_shall_not_encrypt_only_if_the_user_said_so(
    encrypts: bool | None, said: Tree
) -> None:
    given = changed(case_inputs("privatecalico"), networking__calico__wireguardEnabled=encrypts)
    networking = node_config(resources("privatecalico", given), "nodes")["Networking"]
    assert isinstance(networking, dict)
    assert networking["calico"] == said


def test_what_the_user_turned_off_at_aws_is_said_to_the_apis_machines() -> None:
    given = changed(case_inputs("minimal-aws"), cloudConfig={"disableSecurityGroupIngress": False})
    made = resources("minimal-aws", given)
    assert node_config(made, CONTROL_PLANE)["disableSecurityGroupIngress"] is False
    assert "disableSecurityGroupIngress" not in node_config(made, "nodes")
